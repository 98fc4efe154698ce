package health.vantage.models.runner.engine;

import health.vantage.models.runner.backend.ExternalModel;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One version of a model in an engine of its own: watched, and started again with growing pauses when it dies or hangs. */
final class SupervisedEngine implements ExternalModel {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedEngine.class);
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final EngineSpec spec;
    private final Patience patience;
    private final Map<String, String> values;
    private final String label;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final Thread thread;

    private EngineLife life;
    private boolean closed;
    private volatile Optional<String> trouble = Optional.empty();
    private volatile long restarts;

    private SupervisedEngine(EngineSpec spec, Patience patience, Map<String, String> values) {
        this.spec = spec;
        this.patience = patience;
        this.values = values;
        this.label = values.get("name") + " " + values.get("version");
        this.thread = Thread.ofPlatform()
                .name("engine-" + values.get("name"))
                .daemon()
                .unstarted(this::supervise);
    }

    /**
     * Returns when it answers.
     *
     * @param values of all placeholders but the port
     * @throws EngineFailure when it does not come to that; nothing of it is left then
     */
    static SupervisedEngine start(
            EngineSpec spec, Patience patience, Map<String, String> values, BooleanSupplier unwanted)
            throws EngineFailure {
        SupervisedEngine engine = new SupervisedEngine(spec, patience, values);
        engine.begin(unwanted);
        engine.thread.start();
        return engine;
    }

    private void begin(BooleanSupplier unwanted) throws EngineFailure {
        EngineLife begun;
        synchronized (this) {
            if (closed) {
                throw new EngineFailure("is not wanted any more");
            }
            begun = EngineLife.begin(spec, patience, values, label);
            life = begun;
        }
        try {
            begun.awaitHealthy(unwanted);
        } catch (EngineFailure e) {
            begun.kill();
            throw e;
        }
        LOG.info("engine {}: {} answers at {}", label, spec.name(), begun.address());
    }

    private void supervise() {
        Duration pause = patience.firstPause();
        try {
            while (!closed()) {
                long since = System.nanoTime();
                Optional<String> fault = life().look();
                while (fault.isEmpty() && !closed()) {
                    fault = life().look();
                }
                if (closed()) {
                    return;
                }
                if (System.nanoTime() - since > patience.steady().toNanos()) {
                    pause = patience.firstPause();
                }
                life().kill();
                down(fault.get(), pause);
                pause = revive(pause);
            }
        } catch (InterruptedException e) {
            LOG.debug("engine {}: not watched any more", label);
        }
    }

    /** Starts it until it answers; returns the pause before the next attempt after that. */
    private Duration revive(Duration first) throws InterruptedException {
        Duration pause = first;
        while (!closed()) {
            Thread.sleep(pause);
            pause = patience.longer(pause);
            try {
                restarts++;
                begin(this::closed);
                trouble = Optional.empty();
                watchers.forEach(Watcher::changed);
                return pause;
            } catch (EngineFailure e) {
                if (closed()) {
                    return pause;
                }
                down(e.getMessage(), pause);
            }
        }
        return pause;
    }

    private void down(String fault, Duration pause) {
        String sentence = spec.name() + " for " + label + " is down and started again: " + fault;
        LOG.error("engine {}: {}; the next start is in {} ms", label, fault, pause.toMillis());
        trouble = Optional.of(sentence);
        watchers.forEach(watcher -> {
            watcher.failed(sentence);
            watcher.changed();
        });
    }

    private synchronized EngineLife life() {
        return life;
    }

    private synchronized boolean closed() {
        return closed;
    }

    @Override
    public URI address() {
        return life().address();
    }

    @Override
    public Optional<URI> metrics() {
        return trouble.isPresent() ? Optional.empty() : life().metrics();
    }

    @Override
    public Limits limits() {
        return spec.limits();
    }

    @Override
    public Optional<String> trouble() {
        return trouble;
    }

    @Override
    public Reading reading() {
        return new Reading(spec.name(), restarts, life().memoryMiB());
    }

    @Override
    public void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    @Override
    public String device() {
        return "engine " + spec.name();
    }

    /** Returns when all its processes have ended: their memory may be promised to another version. */
    @Override
    public void close() {
        EngineLife last;
        synchronized (this) {
            closed = true;
            last = life;
        }
        thread.interrupt();
        last.end(spec.stopTimeout());
        try {
            thread.join(FAREWELL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.info("engine {}: {} has ended", label, spec.name());
    }
}
