package health.vantage.models.artifact.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token bucket for what is downloaded: all layers of a process share one, because it is the clinic's line that has to be
 * shared and not a layer. It holds a tenth of a second's bytes, so that a pause does not buy a burst.
 */
public final class RateLimit {
    private static final Pattern RATE = Pattern.compile("([0-9]{1,12})([KMG]?)");
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int BURSTS_PER_SECOND = 10;

    /** Time as the bucket sees it; tests move it. */
    interface Clock {
        long nanos();

        void sleep(Duration pause) throws InterruptedException;
    }

    private static final Clock SYSTEM = new Clock() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void sleep(Duration pause) throws InterruptedException {
            Thread.sleep(pause);
        }
    };

    private final double bytesPerNano;
    private final int burst;
    private final Clock clock;
    /** When everything that was taken will have been paid for. */
    private long paidAt;

    private RateLimit(long bytesPerSecond, Clock clock) {
        this.bytesPerNano = (double) bytesPerSecond / SECOND;
        this.burst = Math.clamp(bytesPerSecond / BURSTS_PER_SECOND, 1, 1 << 20);
        this.clock = clock;
        this.paidAt = clock.nanos();
    }

    /** @throws IllegalArgumentException below 1 KiB/s, at which a pull would outlast every timeout */
    public static RateLimit ofBytesPerSecond(long bytes) {
        return ofBytesPerSecond(bytes, SYSTEM);
    }

    static RateLimit ofBytesPerSecond(long bytes, Clock clock) {
        if (bytes < 1024) {
            throw new IllegalArgumentException("A rate must be at least 1K (1024 bytes a second), not " + bytes);
        }
        return new RateLimit(bytes, clock);
    }

    /**
     * Bytes a second as people write them: {@code 5M} is 5 MiB/s.
     *
     * @throws IllegalArgumentException if it is not digits with K, M, G or nothing behind them
     */
    public static RateLimit parse(String rate) {
        Matcher parts = RATE.matcher(rate);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "The rate '" + rate + "' is not a number of bytes a second such as 5M, 800K or 1G");
        }
        int shift =
                switch (parts.group(2)) {
                    case "K" -> 10;
                    case "M" -> 20;
                    case "G" -> 30;
                    default -> 0;
                };
        return ofBytesPerSecond(Long.parseLong(parts.group(1)) << shift);
    }

    /** The stream, not faster than the bucket fills. */
    InputStream limit(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int one = in.read();
                taken(one < 0 ? 0 : 1);
                return one;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                // In small steps: whole buffers at a low rate would be silence, then a burst.
                int n = in.read(buffer, offset, Math.min(length, burst));
                taken(Math.max(n, 0));
                return n;
            }
        };
    }

    private void taken(int bytes) throws InterruptedIOException {
        long wait = debit(bytes);
        if (wait <= 0) {
            return;
        }
        try {
            clock.sleep(Duration.ofNanos(wait));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for the rate limit was interrupted");
        }
    }

    /** @return nanoseconds until the bytes are paid for */
    private synchronized long debit(int bytes) {
        long now = clock.nanos();
        long saved = now - SECOND / BURSTS_PER_SECOND;
        paidAt = (paidAt - saved < 0 ? saved : paidAt) + (long) (bytes / bytesPerNano);
        return paidAt - now;
    }
}
