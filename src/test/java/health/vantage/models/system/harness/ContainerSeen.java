package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What can be said of a container at one moment.
 *
 * @param runs how often it was started
 * @param last how the run before this one ended
 */
record ContainerSeen(
        Container container,
        ContainerState state,
        boolean started,
        boolean ready,
        int runs,
        Optional<ContainerStateTerminated> last) {
    private static final int SIGNAL = 128;
    private static final int MESSAGE_LENGTH = 2_000;

    static ContainerSeen created(Container container) {
        return new ContainerSeen(container, waitingState("ContainerCreating", null), false, false, 0, Optional.empty());
    }

    ContainerSeen waiting(String reason, String message) {
        return new ContainerSeen(container, waitingState(reason, message), false, false, runs, ended());
    }

    /** A run that began at the instant; called again as its probes say more. */
    ContainerSeen running(Instant since, boolean started, boolean ready) {
        boolean sameRun =
                state.getRunning() != null && state.getRunning().getStartedAt().equals(text(since));
        ContainerState running = new ContainerStateBuilder()
                .withNewRunning()
                .withStartedAt(text(since))
                .endRunning()
                .build();
        return new ContainerSeen(container, running, started, ready, sameRun ? runs : runs + 1, ended());
    }

    ContainerSeen ended(int exit, Path log) {
        String said = LocalProcess.tail(log).strip();
        ContainerState terminated = new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(exit)
                .withSignal(exit > SIGNAL ? exit - SIGNAL : null)
                .withReason(exit == 0 ? "Completed" : "Error")
                .withMessage(said.substring(Math.max(0, said.length() - MESSAGE_LENGTH)))
                .withStartedAt(
                        state.getRunning() == null ? null : state.getRunning().getStartedAt())
                .withFinishedAt(text(Instant.now()))
                .endTerminated()
                .build();
        return new ContainerSeen(container, terminated, false, false, runs, last);
    }

    boolean isEnded() {
        return state.getTerminated() != null;
    }

    boolean isRunning() {
        return state.getRunning() != null;
    }

    ContainerStatus status() {
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImageID(container.getImage())
                .withContainerID("stand-in://" + container.getName() + "-" + runs)
                .withState(state)
                .withLastState(last.map(end ->
                                new ContainerStateBuilder().withTerminated(end).build())
                        .orElse(new ContainerState()))
                .withStarted(started)
                .withReady(ready)
                .withRestartCount(Math.max(0, runs - 1))
                .build();
    }

    private Optional<ContainerStateTerminated> ended() {
        return Optional.ofNullable(state.getTerminated()).or(() -> last);
    }

    private static ContainerState waitingState(String reason, String message) {
        return new ContainerStateBuilder()
                .withNewWaiting()
                .withReason(reason)
                .withMessage(message)
                .endWaiting()
                .build();
    }

    static String text(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
