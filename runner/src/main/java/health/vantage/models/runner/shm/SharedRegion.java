package health.vantage.models.runner.shm;

import health.vantage.models.runner.shm.SharedMemoryException.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client's memory, mapped. Its name's registration holds it, and so does every request that uses it: whoever lets go last unmaps, so
 * that unregistering during a run is harmless.
 *
 * @see SharedRegions
 */
final class SharedRegion {
    private final String name;
    private final String key;
    private final long offset;
    private final FileChannel file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final AtomicInteger holders = new AtomicInteger(1);

    private SharedRegion(String name, String key, long offset, long size, FileChannel file) throws IOException {
        this.name = name;
        this.key = key;
        this.offset = offset;
        this.file = file;
        this.memory = file.map(MapMode.READ_WRITE, offset, size, arena);
    }

    /**
     * Maps a file, which this region then owns. The caller is its first holder.
     *
     * @param offset of the region in the file, in bytes
     * @param size in bytes
     */
    static SharedRegion map(String name, String key, long offset, long size, FileChannel file)
            throws SharedMemoryException {
        SharedRegion region = null;
        boolean usable = false;
        try {
            long there = file.size();
            if (offset < 0 || size < 1 || offset > there || size > there - offset) {
                throw new SharedMemoryException(
                        Kind.INVALID,
                        "shared memory region \"" + name + "\": " + size + " bytes from " + offset
                                + " were asked for, \"" + key + "\" has " + there);
            }
            region = new SharedRegion(name, key, offset, size, file);
            region.touch();
            usable = true;
            return region;
        } catch (IOException | OutOfMemoryError e) {
            throw new SharedMemoryException(
                    Kind.INVALID, "shared memory region \"" + name + "\" cannot be mapped: " + e.getMessage(), e);
        } finally {
            if (!usable) {
                if (region != null) {
                    region.release();
                } else {
                    closeQuietly(file, name);
                }
            }
        }
    }

    /**
     * Has every page made now: a file in /dev/shm may promise more than there is, and a model that writes to a page that cannot be had
     * takes the process down with SIGBUS. Touched from Java, the same is an error that can be answered.
     */
    void touch() throws SharedMemoryException {
        try {
            memory.load();
        } catch (InternalError e) {
            throw new SharedMemoryException(
                    Kind.INVALID,
                    "shared memory region \"" + name + "\": the file system of \"" + key + "\" has no room for its "
                            + memory.byteSize() + " bytes",
                    e);
        }
    }

    String name() {
        return name;
    }

    String key() {
        return key;
    }

    /** In the file, in bytes. */
    long offset() {
        return offset;
    }

    long size() {
        return memory.byteSize();
    }

    /** Only for holders. */
    MemorySegment memory() {
        return memory;
    }

    /** Whether the file still is as large as the mapping; touching what was cut off ends the process. Only for holders. */
    boolean isWhole() {
        try {
            return file.size() >= offset + memory.byteSize();
        } catch (IOException e) {
            return false;
        }
    }

    /** Becomes a holder; {@code false} when the last one has already let go. */
    boolean tryHold() {
        int seen = holders.get();
        while (seen > 0) {
            if (holders.compareAndSet(seen, seen + 1)) {
                return true;
            }
            seen = holders.get();
        }
        return false;
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            arena.close();
            closeQuietly(file, name);
        }
    }

    private static void closeQuietly(FileChannel file, String name) {
        try {
            file.close();
        } catch (IOException e) {
            System.getLogger(SharedRegion.class.getName())
                    .log(System.Logger.Level.WARNING, "shared memory region {0}: {1}", name, e.toString());
        }
    }
}
