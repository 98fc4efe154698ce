package health.vantage.models.artifact.cache;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that grows at its end, written in blocks by a {@link DiskWriter}. At any moment the disk holds a beginning of
 * what was appended, without holes.
 *
 * <p>Whole blocks go past the page cache where the file system can (O_DIRECT): that saves copying every byte once more,
 * syncing at the end has nothing left to write, and a gigabyte of weights does not push the serving model out of memory.
 * What comes so slowly that it fills no block between two ticks is written as it comes, through the page cache.
 */
final class BlockFile implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(BlockFile.class);

    private final Path file;
    private final DiskWriter writer;
    private final FileChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();

    // Guarded by the lock.
    private ByteBuffer block;
    private long blockStart;
    /** Where the next block begins; unknown until there is a first one. */
    private long end = -1;

    private int flushed;
    private boolean filledSinceTick;
    private int underWay;
    private IOException failure;

    // Of the writer's thread alone.
    private FileChannel direct;
    private boolean directRefused;

    BlockFile(Path file, DiskWriter writer) throws IOException {
        this.file = file;
        this.writer = writer;
        this.channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        writer.opened(this);
    }

    /** For reading and cutting what is there already, before anything is appended. */
    FileChannel existing() {
        return channel;
    }

    /**
     * Takes the bytes; they are on their way to the disk when this returns. Blocks while the disk is behind.
     *
     * @throws IOException also if an earlier write failed
     */
    void append(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int end = offset + length;
        while (from < end) {
            // Outside the lock: the writer needs it to give blocks back.
            ByteBuffer fresh = block == null ? writer.take() : null;
            lock.lock();
            try {
                if (fresh != null) {
                    begin(fresh);
                }
                throwIfFailed();
                int n = Math.min(end - from, block.remaining());
                block.put(bytes, from, n);
                from += n;
                if (!block.hasRemaining()) {
                    handOver();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void begin(ByteBuffer fresh) throws IOException {
        if (end < 0) {
            end = channel.size();
        }
        blockStart = end;
        flushed = 0;
        // Blocks end at multiples of their size, also after a pull that was continued somewhere.
        fresh.clear().limit(DiskWriter.BLOCK - (int) (end % DiskWriter.BLOCK));
        block = fresh;
    }

    private void handOver() {
        ByteBuffer full = block;
        long start = blockStart;
        int done = flushed;
        block = null;
        end = start + full.position();
        filledSinceTick = true;
        underWay++;
        writer.run(() -> write(full, start, done));
    }

    private void throwIfFailed() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    /** On the writer's thread, where everything below runs. */
    private void write(ByteBuffer full, long start, int done) {
        IOException problem = null;
        try {
            full.flip();
            boolean aligned = start % DiskWriter.ALIGNMENT == 0 && full.limit() % DiskWriter.ALIGNMENT == 0;
            if (done == 0 && aligned) {
                writeDirect(full, start);
            }
            full.position(Math.max(full.position(), done));
            writeAll(channel, full, start);
        } catch (IOException e) {
            problem = e;
        } catch (RuntimeException e) {
            // Whoever closes the file waits for this write; it must end.
            problem = new IOException(e);
        }
        lock.lock();
        try {
            failure = failure == null ? problem : failure;
            underWay--;
            written.signalAll();
        } finally {
            lock.unlock();
            writer.give(full);
        }
    }

    /** Leaves to the page cache what it does not write: if the disk is the trouble, that says so too. */
    private void writeDirect(ByteBuffer full, long start) throws IOException {
        if (direct == null && !directRefused) {
            openDirect();
        }
        if (direct == null) {
            return;
        }
        try {
            int n = 1;
            while (full.hasRemaining() && n > 0 && full.position() % DiskWriter.ALIGNMENT == 0) {
                n = direct.write(full, start + full.position());
            }
        } catch (IOException e) {
            // Such as a file system that wants a larger alignment.
            refuseDirect(e);
            direct.close();
            direct = null;
        }
    }

    private void refuseDirect(Exception e) {
        directRefused = true;
        LOG.debug("{} is written through the page cache: {}", file, e.toString());
    }

    private void openDirect() {
        try {
            direct = FileChannel.open(file, StandardOpenOption.WRITE, directOption());
        } catch (IOException | UnsupportedOperationException e) {
            refuseDirect(e);
        }
    }

    /** By name: the compiler warns of the JDK's own class, which no lint option stops, and a warning ends our build. */
    private static OpenOption directOption() {
        try {
            for (Object option :
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
                if (option.toString().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
        } catch (ClassNotFoundException e) {
            LOG.debug("This Java cannot write past the page cache: {}", e.toString());
        }
        throw new UnsupportedOperationException("no direct writes");
    }

    private static void writeAll(FileChannel to, ByteBuffer bytes, long start) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes, start + bytes.position());
        }
    }

    /** Now and then: what comes slowly must not wait for a whole block. */
    void tick() {
        lock.lock();
        try {
            if (!filledSinceTick) {
                flush();
            }
            filledSinceTick = false;
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. */
    private void flush() {
        if (block == null || failure != null || block.position() == flushed) {
            return;
        }
        try {
            writeAll(channel, block.duplicate().flip().position(flushed), blockStart);
            flushed = block.position();
        } catch (IOException e) {
            failure = e;
        }
    }

    /** Everything that was appended is in the file afterwards; it is not forced to the disk. */
    @Override
    public void close() throws IOException {
        try {
            finish();
        } finally {
            writer.closed(this);
            try (channel) {
                if (direct != null) {
                    direct.close();
                }
            }
        }
    }

    private void finish() throws IOException {
        lock.lock();
        try {
            underWay++;
            // By the writer too: an interrupt, which is how a pull is stopped, would close the file in our hands.
            writer.run(this::last);
            while (underWay > 0) {
                written.awaitUninterruptibly();
            }
            throwIfFailed();
        } finally {
            if (block != null) {
                writer.give(block);
                block = null;
            }
            lock.unlock();
        }
    }

    private void last() {
        lock.lock();
        try {
            flush();
            underWay--;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
