package health.vantage.models.runner.model;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What one version did since it began to answer; a rollout's soak is judged by it. */
public final class VersionCounters {
    private static final long MAX_MICROS = Duration.ofMinutes(10).toNanos() / 1000;

    private final LongAdder requests = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final Histogram micros = new ConcurrentHistogram(MAX_MICROS, 2);

    /** @param inModel the time the model ran, without queueing */
    public void answered(Duration inModel) {
        requests.increment();
        micros.recordValue(Math.clamp(inModel.toNanos() / 1000, 1, MAX_MICROS));
    }

    /** The model failed on an input that was well formed. */
    public void failed() {
        requests.increment();
        errors.increment();
    }

    public Reading read() {
        // Errors first: a request that fails in between must not show as more errors than requests.
        long failed = errors.sum();
        return new Reading(requests.sum(), failed, micros.getValueAtPercentile(99) / 1000.0);
    }

    /** @param requests answered or failed; @param p99Ms in the model, in milliseconds, 0 before the first answer */
    public record Reading(long requests, long errors, double p99Ms) {
        public double errorRate() {
            return requests == 0 ? 0 : (double) errors / requests;
        }
    }
}
