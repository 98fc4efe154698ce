package health.vantage.models.artifact.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A blob's bytes in their order, while the next parts of it are fetched beside each other. A part that arrives out of turn waits in memory
 * and not on the disk: what is on the disk stays a beginning without holes, which is what a pull goes on from after a kill. Holds a part
 * more than it has connections.
 */
final class SplitBlob extends InputStream {
    /** Bytes. Large enough that a request's way there and back costs little of a part's time. */
    static final int PART = 4 << 20;

    private static final int TRIES_WITHOUT_PROGRESS = 3;

    private final Ranges ranges;
    private final long size;
    private final ExecutorService threads;
    private final Deque<Future<Part>> ahead = new ArrayDeque<>();
    private final Queue<byte[]> free = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;
    private long next;
    private Part current = new Part(new byte[0], 0);
    private int at;

    /** Where the bytes come from. */
    @FunctionalInterface
    interface Ranges {
        /**
         * @param end one after the last byte
         * @return a stream that begins at {@code start} and may go on after {@code end}; empty if the registry does not do ranges
         */
        Optional<InputStream> open(long start, long end) throws IOException;
    }

    private record Part(byte[] bytes, int length) {}

    private SplitBlob(Ranges ranges, long size, int connections) {
        this.ranges = ranges;
        this.size = size;
        // No virtual threads, for the reason that pulls have none.
        this.threads = Executors.newFixedThreadPool(
                connections, Thread.ofPlatform().name("split-", 0).daemon().factory());
    }

    /**
     * @param offset of the first byte wanted
     * @param size of the blob, more than {@code offset}
     * @return empty if the registry does not do ranges
     */
    static Optional<InputStream> open(Ranges ranges, long offset, long size, int connections) throws IOException {
        long end = Math.min(offset + PART, size);
        Optional<InputStream> first = ranges.open(offset, end);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        var blob = new SplitBlob(ranges, size, connections);
        blob.ahead.add(blob.threads.submit(() -> blob.fetch(offset, end, first.get())));
        blob.next = end;
        for (int i = 1; i < connections; i++) {
            blob.askForNext();
        }
        return Optional.of(blob);
    }

    private void askForNext() {
        if (next < size) {
            long start = next;
            long end = Math.min(start + PART, size);
            next = end;
            ahead.add(threads.submit(() -> fetch(start, end, null)));
        }
    }

    /** @param opened null to open it */
    private Part fetch(long start, long end, InputStream opened) throws IOException {
        byte[] held = free.poll();
        byte[] bytes = held == null ? new byte[PART] : held;
        int length = (int) (end - start);
        int got = 0;
        int idle = 0;
        InputStream stream = opened;
        while (true) {
            int before = got;
            try (InputStream in = stream == null ? reopen(start + got, end) : stream) {
                while (got < length) {
                    int n = closed ? -1 : in.read(bytes, got, length - got);
                    if (n < 0) {
                        throw new EOFException("a part of the blob ended " + (length - got) + " bytes early");
                    }
                    got += n;
                }
                return new Part(bytes, length);
            } catch (IOException e) {
                idle = got > before ? 0 : idle + 1;
                if (closed || idle == TRIES_WITHOUT_PROGRESS) {
                    throw e;
                }
            }
            stream = null;
        }
    }

    private InputStream reopen(long start, long end) throws IOException {
        return ranges.open(start, end)
                .orElseThrow(() -> new IOException("the registry gave a part of the blob before, and now all of it"));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == current.length() && !turn()) {
            return -1;
        }
        int n = Math.min(length, current.length() - at);
        System.arraycopy(current.bytes(), at, buffer, offset, n);
        at += n;
        return n;
    }

    /** To the next part; false after the last. */
    private boolean turn() throws IOException {
        if (ahead.isEmpty()) {
            return false;
        }
        if (current.length() > 0) {
            free.add(current.bytes());
        }
        current = new Part(new byte[0], 0);
        at = 0;
        askForNext();
        try {
            current = ahead.remove().get();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for a part of the blob was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    /** Does not wait for parts that are still coming: whoever reads one sees it after its next bytes, and closes its connection. */
    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
    }
}
