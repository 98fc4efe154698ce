package health.vantage.models.runner.serve;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What became of one model's requests and where their time went, as Triton's statistics extension counts it. Since the model has its name. */
public final class RequestStatistics {
    private final Sum success = new Sum();
    private final Sum fail = new Sum();
    private final Sum queue = new Sum();
    private final Sum input = new Sum();
    private final Sum infer = new Sum();
    private final Sum output = new Sum();
    private final LongAdder rows = new LongAdder();
    private final AtomicLong lastMillis = new AtomicLong();

    private static final class Sum {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        void add(long taken) {
            count.increment();
            nanos.add(Math.max(0, taken));
        }

        Total read() {
            return new Total(count.sum(), Duration.ofNanos(nanos.sum()));
        }
    }

    /** How often something was done, and how long that took altogether. */
    public record Total(long count, Duration time) {}

    /**
     * @param success answered; @param fail refused or failed, for whatever reason
     * @param queue waiting; @param input checking and taking over the inputs
     * @param infer in the model; @param output converting and placing the outputs
     * @param rows of the answered requests, where they may run as one; else 1 each
     * @param last when the last request came
     */
    public record Reading(
            Total success,
            Total fail,
            Total queue,
            Total input,
            Total infer,
            Total output,
            long rows,
            Optional<Instant> last) {}

    void came() {
        lastMillis.set(System.currentTimeMillis());
    }

    void answered(long rowsOfIt, long inputNanos, long queueNanos, long inferNanos, long outputNanos) {
        rows.add(rowsOfIt);
        input.add(inputNanos);
        queue.add(queueNanos);
        infer.add(inferNanos);
        output.add(outputNanos);
        success.add(inputNanos + queueNanos + inferNanos + outputNanos);
    }

    void failed(long nanos) {
        fail.add(nanos);
    }

    public Reading read() {
        long last = lastMillis.get();
        return new Reading(
                success.read(),
                fail.read(),
                queue.read(),
                input.read(),
                infer.read(),
                output.read(),
                rows.sum(),
                last == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(last)));
    }
}
