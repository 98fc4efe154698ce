package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A container without a process, which is running and ready as soon as it is started. */
final class SimulatedContainer implements ContainerRun {
    private final Runnable changed;
    private volatile ContainerSeen seen;

    SimulatedContainer(Container container, Runnable changed) {
        this.changed = changed;
        this.seen = ContainerSeen.created(container);
    }

    @Override
    public void start() {
        seen = seen.running(Instant.now(), true, true);
        changed.run();
    }

    @Override
    public void stop(Duration grace) {
        // Nothing runs.
    }

    @Override
    public ContainerSeen seen() {
        return seen;
    }

    @Override
    public Optional<LocalProcess> process() {
        return Optional.empty();
    }

    @Override
    public Optional<ContainerPlan> plan() {
        return Optional.empty();
    }
}
