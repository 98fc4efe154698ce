package health.vantage.models.runner.serve;

import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What one model's runs took, by the rows they had: the {@code batch_stats} of Triton's statistics extension. Since the model has its name. */
public final class RunStatistics {
    /** Callers choose the rows of a request; what is remembered of them must be bounded. */
    private static final int MAX_SIZES = 256;

    /** The size under which all runs beyond the first {@value #MAX_SIZES} sizes are summed up. */
    public static final long OTHER_SIZES = 0;

    private final Map<Long, Sums> sizes = new ConcurrentSkipListMap<>();

    private static final class Sums {
        final LongAdder runs = new LongAdder();
        final LongAdder inputNanos = new LongAdder();
        final LongAdder inferNanos = new LongAdder();
        final LongAdder outputNanos = new LongAdder();
    }

    /** @param input joining the requests' tensors; @param infer in the model; @param output taking the answers apart */
    public record Reading(long runs, Duration input, Duration infer, Duration output) {}

    void ran(long rows, long inputNanos, long inferNanos, long outputNanos) {
        Long size = sizes.containsKey(rows) || sizes.size() < MAX_SIZES ? rows : OTHER_SIZES;
        Sums sums = sizes.computeIfAbsent(size, _ -> new Sums());
        sums.runs.increment();
        sums.inputNanos.add(inputNanos);
        sums.inferNanos.add(inferNanos);
        sums.outputNanos.add(outputNanos);
    }

    /** By rows, ascending. */
    public SortedMap<Long, Reading> read() {
        SortedMap<Long, Reading> readings = new TreeMap<>();
        sizes.forEach((rows, sums) -> readings.put(
                rows,
                new Reading(
                        sums.runs.sum(),
                        Duration.ofNanos(sums.inputNanos.sum()),
                        Duration.ofNanos(sums.inferNanos.sum()),
                        Duration.ofNanos(sums.outputNanos.sum()))));
        return readings;
    }
}
