package health.vantage.models.runner;

import health.vantage.models.runner.access.Access;
import health.vantage.models.runner.access.AccessFilter;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.engine.EngineMetrics;
import health.vantage.models.runner.engine.EngineProxy;
import health.vantage.models.runner.grpc.GrpcFace;
import health.vantage.models.runner.http.HttpFace;
import health.vantage.models.runner.http.RunnerMetrics;
import health.vantage.models.runner.load.MemoryWatch;
import health.vantage.models.runner.load.VersionLoader;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.openinference.ModelDirectory;
import health.vantage.models.runner.rest.RestFace;
import health.vantage.models.runner.rest.RestInference;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.trace.RequestSpans;
import health.vantage.models.runner.trace.TracingObserver;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The serving half of the process: the models, and the ports through which they are reached. Knows nothing of Kubernetes. */
public final class Serving implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private static final long IDLE_TENSOR_BYTES = 256L * 1024 * 1024;
    private static final long MEMORY_LOOK_SECONDS = 10;

    private final TensorPool pool = new TensorPool(IDLE_TENSOR_BYTES);
    private final RunnerMetrics metrics = new RunnerMetrics();
    private final Backends backends;
    private final LoadOptions loading;
    private final ModelTable table;
    private final VersionLoader loader;
    private final Optional<RequestSpans> spans;
    private final Inferences inferences;
    private final SharedRegions regions;
    private final Access access;
    private final EngineProxy engines;
    private final EngineMetrics engineMetrics;
    private final GrpcFace grpc;
    private final HttpFace http;
    private final MemoryWatch memoryWatch;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("memory-watch").daemon().factory());
    private volatile boolean ready;

    private Serving(ServingOptions options, Backends backends) throws IOException {
        this.backends = backends;
        this.loading = new LoadOptions(options.threads(), options.builtEngines(), 0, () -> false);
        this.table = new ModelTable(options.queue());
        this.loader = new VersionLoader(backends, loading, pool);
        ByteBudget budget = new ByteBudget(options.maxBytesInFlight());
        this.spans = options.traces().map(RequestSpans::to);
        this.inferences = new Inferences(
                table,
                pool,
                budget,
                spans.<Inferences.Observer>map(made -> new TracingObserver(metrics, made))
                        .orElse(metrics));
        metrics.watch(pool, budget);
        this.regions = options.sharedMemory()
                .map(shared -> SharedRegions.below(shared.folder(), shared.copy()))
                .orElseGet(SharedRegions::disabled);
        this.access = Access.open(options.access(), InstantSource.system(), metrics.registry());
        this.engines = new EngineProxy(table, metrics, access.asksTokens());
        this.engineMetrics = new EngineMetrics(table);
        this.memoryWatch = MemoryWatch.of(table::loaded, loader, pool);
        this.grpc = GrpcFace.start(
                new GrpcFace.Options(options.grpc(), options.unixSocket(), options.maxMessageBytes(), Version.CURRENT),
                access,
                table,
                inferences,
                pool,
                regions,
                () -> ready);
        try {
            AccessFilter guarded = new AccessFilter(access);
            this.http = HttpFace.start(options.http(), access.tls(), () -> ready, this::metrics, engines, guarded);
            http.serve(
                    "/v2",
                    new RestFace(
                            new ModelDirectory(table),
                            new RestInference(
                                    inferences, pool, regions, options.maxMessageBytes(), options.maxBytesInFlight()),
                            regions,
                            () -> ready,
                            Version.CURRENT),
                    guarded);
        } catch (IOException e) {
            stopGrpc(Duration.ZERO);
            throw e;
        }
        looking.scheduleWithFixedDelay(this::watchMemory, MEMORY_LOOK_SECONDS, MEMORY_LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private void watchMemory() {
        try {
            memoryWatch.look();
        } catch (RuntimeException e) {
            // One bad look must not be the last.
            LOG.warn("the memory of models cannot be looked at", e);
        }
    }

    /** Listens on both ports; not ready yet. */
    public static Serving start(ServingOptions options, Backends backends) throws IOException {
        return new Serving(options, backends);
    }

    public ModelTable table() {
        return table;
    }

    public VersionLoader loader() {
        return loader;
    }

    /** What models are loaded with, here and in a preflight. */
    public LoadOptions loading() {
        return loading;
    }

    public Inferences inferences() {
        return inferences;
    }

    /** What Prometheus reads. */
    public String metrics() {
        return metrics.scrape(table) + engineMetrics.scrape();
    }

    /** Looks now and then by itself. */
    MemoryWatch memoryWatch() {
        return memoryWatch;
    }

    public Backends backends() {
        return backends;
    }

    public int grpcPort() {
        return grpc.port();
    }

    public int httpPort() {
        return http.port();
    }

    /** Everything that should serve from the start does, as far as it can. */
    public void becomeReady() {
        ready = true;
        grpc.ready(true);
    }

    /** Tells those who watch the model's health what its slot holds now. */
    public void announce(ModelSlot slot) {
        grpc.model(slot.name(), slot.answers());
    }

    /** Takes a name away: requests inside end, later ones get NOT_FOUND. */
    public void remove(String name, String reason) {
        table.remove(name, reason);
        grpc.forget(name);
    }

    /** Stop accepting, let requests end, then free the models: in this order, or a native session is closed during a run. */
    public void stop(Duration drain) {
        ready = false;
        looking.shutdownNow();
        long end = System.nanoTime() + drain.toNanos();
        stopGrpc(drain);
        boolean idle = inferences.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        idle &= engines.drain(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        http.close();
        access.close();
        spans.ifPresent(RequestSpans::close);
        if (idle) {
            removeAll();
            regions.close();
            pool.close();
        }
        // Else leave the memory to the operating system: freeing it under a run would crash what is still working.
    }

    /** Side by side: each engine may take its stopTimeout to end. */
    private void removeAll() {
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            table.names().forEach(name -> each.execute(() -> table.remove(name, "the runner is stopping")));
        }
    }

    private void stopGrpc(Duration drain) {
        try {
            grpc.stop(drain);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop(Duration.ofSeconds(10));
    }
}
