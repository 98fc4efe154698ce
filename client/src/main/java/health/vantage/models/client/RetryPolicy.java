package health.vantage.models.client;

import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What is tried again, and when. Only what is safe and has a chance: UNAVAILABLE, because an inference changes nothing on the runner, and
 * RESOURCE_EXHAUSTED when the runner says when to come back ({@code grpc-retry-pushback-ms}, gRFC A6). A model that failed, a request that
 * does not fit and a passed deadline would end the same way again.
 *
 * @param attempts the first one included
 * @param first the pause before the second attempt; each later one is twice as long, up to {@code longest}, and all are shortened by
 *     chance to no less than half, so that many callers do not come back at the same moment
 */
public record RetryPolicy(int attempts, Duration first, Duration longest) {
    static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    public RetryPolicy {
        if (attempts < 1 || first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("retries need at least 1 attempt and 0 < first <= longest, not "
                    + attempts + ", " + first + " and " + longest);
        }
    }

    /** Five attempts over about three seconds: a runner's restart on the same node takes less. */
    public static RetryPolicy standard() {
        return new RetryPolicy(5, Duration.ofMillis(200), Duration.ofSeconds(2));
    }

    public static RetryPolicy none() {
        return new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1));
    }

    /**
     * @param made attempts so far
     * @return the pause before the next, or empty: this is the end
     */
    Optional<Duration> pause(int made, Status status, Metadata trailers) {
        if (made >= attempts) {
            return Optional.empty();
        }
        String asked = trailers == null ? null : trailers.get(PUSHBACK);
        return switch (status.getCode()) {
            case UNAVAILABLE -> asked == null ? Optional.of(backOff(made)) : pushedBack(asked);
            case RESOURCE_EXHAUSTED -> asked == null ? Optional.empty() : pushedBack(asked);
            default -> Optional.empty();
        };
    }

    /** gRFC A6: what is negative or no number means: do not come back. */
    private Optional<Duration> pushedBack(String millis) {
        try {
            long value = Long.parseLong(millis);
            return value < 0
                    ? Optional.empty()
                    : Optional.of(
                            shortened(Duration.ofMillis(Math.min(value, 60_000)).multipliedBy(2)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Duration backOff(int made) {
        Duration pause = first;
        for (int i = 1; i < made && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return shortened(pause.compareTo(longest) > 0 ? longest : pause);
    }

    private static Duration shortened(Duration pause) {
        long nanos = Math.max(1, pause.toNanos());
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos + 1));
    }
}
