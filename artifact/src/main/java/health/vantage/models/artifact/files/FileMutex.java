package health.vantage.models.artifact.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that holds between threads and between processes. A file lock alone belongs to the whole process, so each lock
 * file has a lock of this process in front of it. The kernel drops it when the holder dies.
 */
public final class FileMutex implements AutoCloseable {
    private static final ConcurrentHashMap<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();
    private static final long RETRY_MS = 20;

    private final ReentrantLock own;
    private final FileChannel channel;

    private FileMutex(ReentrantLock own, FileChannel channel) {
        this.own = own;
        this.channel = channel;
    }

    /** Waits until the lock is free; may be interrupted. */
    public static FileMutex lock(Path file) throws IOException {
        ReentrantLock own = inProcess(file);
        try {
            own.lockInterruptibly();
        } catch (InterruptedException e) {
            throw interrupted(file);
        }
        return lockFile(file, own, true);
    }

    /** The lock, or null if somebody has it now. */
    public static FileMutex tryLock(Path file) throws IOException {
        ReentrantLock own = inProcess(file);
        return own.tryLock() ? lockFile(file, own, false) : null;
    }

    private static ReentrantLock inProcess(Path file) {
        return IN_PROCESS.computeIfAbsent(file.toAbsolutePath().normalize(), f -> new ReentrantLock());
    }

    // The channel lives as long as the lock, and is closed with it.
    @SuppressWarnings("resource")
    private static FileMutex lockFile(Path file, ReentrantLock own, boolean wait) throws IOException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            // Polling, not FileChannel.lock(): a blocked lock call cannot be interrupted on a virtual thread.
            FileLock lock = own.getHoldCount() > 1 ? null : channel.tryLock();
            while (lock == null && wait) {
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
                lock = channel.tryLock();
            }
            if (lock != null) {
                return new FileMutex(own, channel);
            }
        } catch (InterruptedException e) {
            close(own, channel);
            throw interrupted(file);
        } catch (IOException | RuntimeException e) {
            close(own, channel);
            throw e;
        }
        close(own, channel);
        return null;
    }

    private static InterruptedIOException interrupted(Path file) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("Waiting for the lock " + file + " was interrupted");
    }

    private static void close(ReentrantLock own, FileChannel channel) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            own.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        close(own, channel);
    }
}
