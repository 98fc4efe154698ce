package health.vantage.models.system.harness;

import java.time.Duration;
import java.util.Optional;

/** A container's life under the stand-in kubelet. */
sealed interface ContainerRun permits LocalContainer, SimulatedContainer {
    /** Starts it, unless it is started. */
    void start();

    /** Ends it within its grace (zero: at once), and does not start it again until {@link #start()}. */
    void stop(Duration grace);

    ContainerSeen seen();

    /** Its process, once there was one. */
    Optional<LocalProcess> process();

    /** How it is started, once that is known. */
    Optional<ContainerPlan> plan();
}
