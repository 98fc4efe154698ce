package health.vantage.models.client;

import java.nio.file.Path;

/**
 * Memory that a runner on the same machine reads and writes as well, in place of bytes through the connection. The runner allows it with
 * {@code --shared-memory FOLDER}; a request for which it cannot be had goes through the connection as ever.
 *
 * @param folder the same folder, as this process sees it, such as {@code /dev/shm/vantage}; both sides' users must be allowed to write
 *     there, and files are made for owner and group
 * @param leastBytes of a request and its answer together, from which on it is used: for less, a message is as fast
 * @param mostBytes that may be taken at the same time; each request under way and each answer not yet closed or collected takes its own
 */
public record SharedMemory(Path folder, long leastBytes, long mostBytes) {
    private static final long WORTH_IT = 64 << 10;
    private static final long HALF_A_GIB = 512L << 20;

    public SharedMemory {
        if (leastBytes < 0 || mostBytes < leastBytes) {
            throw new IllegalArgumentException(
                    "shared memory needs 0 <= leastBytes <= mostBytes, not " + leastBytes + " and " + mostBytes);
        }
    }

    /** From 64 KiB on, at most 512 MiB. */
    public static SharedMemory in(Path folder) {
        return new SharedMemory(folder, WORTH_IT, HALF_A_GIB);
    }

    public SharedMemory from(long bytes) {
        return new SharedMemory(folder, bytes, mostBytes);
    }

    public SharedMemory atMost(long bytes) {
        return new SharedMemory(folder, leastBytes, bytes);
    }

    /**
     * What became of requests that were large enough for it.
     *
     * @param used requests that went through it, at least with their inputs
     * @param missed requests that went through the connection instead
     * @param lastReason why the last of those did; empty if none did
     */
    public record Use(long used, long missed, String lastReason) {}
}
