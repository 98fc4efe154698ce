package health.vantage.models.artifact.cache;

import java.io.Closeable;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One thread that writes what the threads of a pull receive and hash, so that network, hashing and disk work beside each
 * other; see {@link BlockFile}. Whoever receives faster than the disk writes waits for a free block.
 */
final class DiskWriter implements Closeable {
    /** Large enough that a write costs little more than its bytes; 1 MiB is what disks like. */
    static final int BLOCK = 1 << 20;
    /** Of memory and file, for writes that go past the page cache. */
    static final int ALIGNMENT = 4096;
    /** Blocks under way, besides one in every file's hands. */
    private static final int AHEAD = 3;
    /** What is received reaches the disk within two of these, however slowly it comes: a kill loses no more. */
    private static final long TICK_MS = 100;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pull-write").factory());
    private final LinkedBlockingQueue<ByteBuffer> free = new LinkedBlockingQueue<>();
    private final Semaphore blocks;
    private final Set<BlockFile> open = ConcurrentHashMap.newKeySet();

    /** @param files most files written at a time */
    DiskWriter(int files) {
        blocks = new Semaphore(files + AHEAD);
        thread.scheduleWithFixedDelay(() -> open.forEach(BlockFile::tick), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }

    void opened(BlockFile file) {
        open.add(file);
    }

    void closed(BlockFile file) {
        open.remove(file);
    }

    /** Runs these one after the other. */
    void run(Runnable write) {
        thread.execute(write);
    }

    /** An empty block of {@link #BLOCK} bytes, aligned; waits until there is one. */
    ByteBuffer take() throws InterruptedIOException {
        try {
            blocks.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for the disk was interrupted");
        }
        ByteBuffer block = free.poll();
        return block == null ? ByteBuffer.allocateDirect(BLOCK + ALIGNMENT).alignedSlice(ALIGNMENT) : block;
    }

    void give(ByteBuffer block) {
        free.add(block);
        blocks.release();
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
