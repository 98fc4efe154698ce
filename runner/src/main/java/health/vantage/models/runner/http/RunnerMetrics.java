package health.vantage.models.runner.http;

import health.vantage.models.runner.model.ModelMemory;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.ModelLane;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.TensorPool;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What Prometheus reads. Labels are only names this runner serves: a caller cannot make new series. */
public final class RunnerMetrics implements Inferences.Observer {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, ModelTimers> timers = new ConcurrentHashMap<>();
    private final Map<String, DistributionSummary> runs = new ConcurrentHashMap<>();
    private final MultiGauge info = MultiGauge.builder("vantage.model.info")
            .description("1 for the version of a model that answers")
            .register(registry);
    private final MultiGauge ready = MultiGauge.builder("vantage.model.ready")
            .description("1 where a version of the model answers")
            .register(registry);
    private final MultiGauge waiting = MultiGauge.builder("vantage.inference.queued")
            .description("Requests that wait for their turn")
            .register(registry);

    private final MultiGauge memory = MultiGauge.builder("vantage.model.memory.bytes")
            .description("What the version that answers declares to need on its device, and what it was seen to take")
            .register(registry);

    private final TritonNames triton = new TritonNames();

    public RunnerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
    }

    /** For parts that count for themselves. */
    public MeterRegistry registry() {
        return registry;
    }

    private record ModelTimers(Timer queue, Timer model) {}

    /** Gauges that are read when Prometheus asks. */
    public void watch(TensorPool pool, ByteBudget budget) {
        Gauge.builder("vantage.tensor.bytes.lent", pool, TensorPool::lentBytes)
                .description("Off-heap tensor memory in use")
                .register(registry);
        Gauge.builder("vantage.tensor.bytes.inflight", budget, ByteBudget::used)
                .description("Tensor bytes of requests in flight, counted against the limit")
                .register(registry);
    }

    @Override
    public void answered(String model, Duration queued, Duration inModel) {
        ModelTimers of = timers.computeIfAbsent(model, this::timers);
        of.queue().record(queued);
        of.model().record(inModel);
        triton.answered(model, queued, inModel);
        count(model, "ok");
    }

    @Override
    public void refused(String model, Refusal.Kind kind) {
        triton.refused(model);
        count(model, kind.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void ran(String model, int requests, long rows) {
        triton.ran(model, rows);
        runs.computeIfAbsent(model, this::runs).record(requests);
    }

    private DistributionSummary runs(String model) {
        return DistributionSummary.builder("vantage.inference.batch.requests")
                .description("Requests that one run of the model answered")
                .tags("model", model)
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64)
                .register(registry);
    }

    private void count(String model, String outcome) {
        Counter.builder("vantage.inference.requests")
                .description("Requests by outcome")
                .tags("model", model, "outcome", outcome)
                .register(registry)
                .increment();
    }

    private ModelTimers timers(String model) {
        return new ModelTimers(
                Timer.builder("vantage.inference.queue")
                        .description("Time before the model ran")
                        .tags("model", model)
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(1))
                        .maximumExpectedValue(Duration.ofSeconds(30))
                        .register(registry),
                Timer.builder("vantage.inference.latency")
                        .description("Time in the model")
                        .tags("model", model)
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(1))
                        .maximumExpectedValue(Duration.ofSeconds(30))
                        .register(registry));
    }

    /** The text of {@code /metrics}. */
    public String scrape(ModelTable table) {
        List<MultiGauge.Row<?>> versions = new ArrayList<>();
        List<MultiGauge.Row<?>> readiness = new ArrayList<>();
        List<MultiGauge.Row<?>> queues = new ArrayList<>();
        table.forEach(lane -> describe(lane, versions, readiness, queues));
        List<MultiGauge.Row<?>> memories = new ArrayList<>();
        table.forEach(lane -> lane.slot().active().ifPresent(version -> describe(lane, version.memory(), memories)));
        memory.register(memories, true);
        info.register(versions, true);
        ready.register(readiness, true);
        waiting.register(queues, true);
        return registry.scrape() + triton.scrape(table);
    }

    private static void describe(ModelLane lane, ModelMemory memory, List<MultiGauge.Row<?>> rows) {
        Tags model = Tags.of("model", lane.slot().name());
        rows.add(MultiGauge.Row.of(model.and("kind", "declared"), memory.declaredMiB() << 20));
        memory.measuredMiB()
                .ifPresent(taken -> rows.add(MultiGauge.Row.of(model.and("kind", "measured"), taken << 20)));
    }

    private static void describe(
            ModelLane lane,
            List<MultiGauge.Row<?>> versions,
            List<MultiGauge.Row<?>> readiness,
            List<MultiGauge.Row<?>> queues) {
        Tags model = Tags.of("model", lane.slot().name());
        readiness.add(MultiGauge.Row.of(model, lane.slot().answers() ? 1 : 0));
        queues.add(MultiGauge.Row.of(model, lane.waiting()));
        lane.slot()
                .active()
                .ifPresent(version -> versions.add(MultiGauge.Row.of(
                        model.and(
                                "version", version.contract().version(),
                                "digest", version.digest().toString()),
                        1)));
    }
}
