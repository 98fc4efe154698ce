package health.vantage.models.runner.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The slices of one way with one number of callers, added up over the rounds. */
final class Series {
    private final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private double seconds;
    private long cpuNanos;
    private long heapBytes;

    void add(Load.Slice slice, Duration cpu) {
        micros.add(slice.micros());
        seconds += slice.seconds();
        cpuNanos += cpu.toNanos();
        rates.add(slice.perSecond());
    }

    /** @param heapBytes allocated by the server meanwhile; @param inProcess requests a second just before and just after */
    void add(Load.Slice slice, Duration cpu, long heapBytes, double inProcess) {
        add(slice, cpu);
        this.heapBytes += heapBytes;
        ratios.add(slice.perSecond() / inProcess);
    }

    /** Requests a second over all slices. */
    double perSecond() {
        return micros.getTotalCount() / seconds;
    }

    double perSecondOfLastSlice() {
        return rates.getLast();
    }

    /** The median of the rounds, each against its own neighbours: a machine that drifts moves both. */
    double ratio() {
        List<Double> sorted = ratios.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    double heapBytesPerRequest() {
        return (double) heapBytes / micros.getTotalCount();
    }

    void write(String name, Map<String, Double> figures) {
        figures.put(name + "_per_s", perSecond());
        figures.put(name + "_p50_ms", micros.getValueAtPercentile(50) / 1000.0);
        figures.put(name + "_p99_ms", micros.getValueAtPercentile(99) / 1000.0);
        figures.put(name + "_cpu_ms", cpuNanos / 1e6 / micros.getTotalCount());
        if (!ratios.isEmpty()) {
            figures.put(name + "_vs_inprocess", ratio());
            figures.put(name + "_heap_bytes", heapBytesPerRequest());
        }
    }

    /** (fastest - slowest) / mean of its slices: how much the machine moved meanwhile. */
    double spread() {
        double most = rates.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        double least = rates.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        return (most - least) / perSecond();
    }
}
