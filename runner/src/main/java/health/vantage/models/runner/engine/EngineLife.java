package health.vantage.models.runner.engine;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** One life of an engine on a port of its own, from the start to its end. */
final class EngineLife {
    private final EngineSpec spec;
    private final Patience patience;
    private final EngineProcess process;
    private final int port;
    private final EngineHealth health;
    private final AtomicBoolean portHeld = new AtomicBoolean(true);
    private int misses;

    private EngineLife(EngineSpec spec, Patience patience, EngineProcess process, int port, EngineHealth health) {
        this.spec = spec;
        this.patience = patience;
        this.process = process;
        this.port = port;
        this.health = health;
    }

    /**
     * Starts the process; it answers only after {@link #awaitHealthy}.
     *
     * @param values of all placeholders but the port
     */
    static EngineLife begin(EngineSpec spec, Patience patience, Map<String, String> values, String label)
            throws EngineFailure {
        int port;
        try {
            port = EnginePorts.take(spec.port());
        } catch (IOException e) {
            throw new EngineFailure("cannot be started: " + e.getMessage(), e);
        }
        try {
            Map<String, String> all = new HashMap<>(values);
            all.put("port", Integer.toString(port));
            List<String> command = spec.command().stream()
                    .map(part -> Placeholders.fill(part, all))
                    .toList();
            Map<String, String> environment = new HashMap<>();
            spec.env().forEach((name, value) -> environment.put(name, Placeholders.fill(value, all)));
            URI url = URI.create(Placeholders.fill(spec.healthUrl(), all));
            return new EngineLife(
                    spec,
                    patience,
                    EngineProcess.start(command, environment, label),
                    port,
                    new EngineHealth(url, patience.probe()));
        } catch (IOException | IllegalArgumentException e) {
            EnginePorts.giveBack(port);
            throw new EngineFailure("cannot be started: " + e.getMessage(), e);
        }
    }

    /** @throws EngineFailure when it ended, took too long or too much memory, or is not wanted any more; it is dead then */
    void awaitHealthy(BooleanSupplier unwanted) throws EngineFailure {
        long end = System.nanoTime() + spec.startTimeout().toNanos();
        try {
            while (true) {
                if (unwanted.getAsBoolean()) {
                    throw new EngineFailure("is not wanted any more, before it answered");
                }
                if (process.awaitEnd(patience.look().dividedBy(4))) {
                    throw new EngineFailure("did not start: " + process.obituary());
                }
                Optional<String> greed = greed();
                if (greed.isPresent()) {
                    throw new EngineFailure(greed.get());
                }
                Optional<String> complaint = health.complaint();
                if (complaint.isEmpty()) {
                    process.preferVictim();
                    return;
                }
                if (System.nanoTime() > end) {
                    throw new EngineFailure("did not answer within "
                            + spec.startTimeout().toSeconds() + " s (startTimeout): " + complaint.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineFailure("is not wanted any more, before it answered", e);
        }
    }

    /** One look, which takes as long as {@link Patience#look} when all is well: what is wrong, or nothing. */
    Optional<String> look() throws InterruptedException {
        if (process.awaitEnd(patience.look())) {
            return Optional.of(process.obituary());
        }
        Optional<String> greed = greed();
        if (greed.isPresent()) {
            return greed;
        }
        Optional<String> complaint = health.complaint();
        misses = complaint.isEmpty() ? 0 : misses + 1;
        if (complaint.isPresent() && !process.alive()) {
            return Optional.of(process.obituary());
        }
        return misses < patience.misses() ? Optional.empty() : complaint.map(text -> "it hangs: " + text);
    }

    private Optional<String> greed() {
        if (spec.memoryMiB().isEmpty()) {
            return Optional.empty();
        }
        long most = spec.memoryMiB().getAsLong();
        long used = process.memoryMiB();
        return used <= most
                ? Optional.empty()
                : Optional.of("took " + used + " MiB of memory, more than the " + most + " MiB of its memoryMiB");
    }

    URI address() {
        URI url = health.url();
        return URI.create(url.getScheme() + "://" + url.getAuthority());
    }

    Optional<URI> metrics() {
        return spec.metricsUrl().map(url -> URI.create(Placeholders.fill(url, Map.of("port", Integer.toString(port)))));
    }

    long memoryMiB() {
        return process.memoryMiB();
    }

    /** Asks it to end, kills what stays. */
    void end(Duration grace) {
        process.stop(grace);
        giveBackPort();
    }

    void kill() {
        process.kill();
        giveBackPort();
    }

    /** Once: another life may have it by then. */
    private void giveBackPort() {
        if (portHeld.compareAndSet(true, false)) {
            EnginePorts.giveBack(port);
        }
    }
}
