package health.vantage.models.operator.fleet;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Takes the tier's nodes to a new runner one by one. Pure.
 *
 * <p>The next node is taken only when every other runner is ready; if one does not come back on the new image within
 * {@link #PATIENCE}, the tier goes back to the image that was last seen healthy.
 */
sealed interface RunnerUpgrade {
    /** How long a runner may take to become ready: its natives unpack and its models load from the cache. */
    Duration PATIENCE = Duration.ofMinutes(5);

    /** Every runner has the wanted image, or the one that is taken is still coming up. */
    record Nothing() implements RunnerUpgrade {}

    /** Restart this pod: it comes back with the wanted image. */
    record Replace(Pod pod) implements RunnerUpgrade {}

    /** The wanted image does not come up on this node. */
    record GoBack(String node) implements RunnerUpgrade {}

    static RunnerUpgrade next(List<Pod> pods, String wanted, Instant now) {
        List<Pod> fresh = pods.stream().filter(pod -> wanted.equals(image(pod))).toList();
        List<Pod> old = pods.stream().filter(pod -> !wanted.equals(image(pod))).toList();
        Optional<Pod> stuck = fresh.stream()
                .filter(pod -> !isReady(pod))
                .filter(pod -> Duration.between(created(pod), now).compareTo(PATIENCE) >= 0)
                .findFirst();
        // A node on which even the old runner was not ready proves nothing about the new image.
        if (stuck.isPresent() && fresh.stream().noneMatch(RunnerUpgrade::isReady) && !old.isEmpty()) {
            return new GoBack(stuck.get().getSpec().getNodeName());
        }
        boolean oneComingUp = fresh.stream().anyMatch(pod -> !isReady(pod));
        if (old.isEmpty() || oneComingUp || pods.stream().anyMatch(RunnerUpgrade::isGoing)) {
            return new Nothing();
        }
        // Runners that do not serve anyway go first.
        return new Replace(old.stream()
                .min(Comparator.comparing(RunnerUpgrade::isReady)
                        .thenComparing(pod -> pod.getMetadata().getName()))
                .orElseThrow());
    }

    static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    static String image(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .filter(container -> container.getName().equals("runner"))
                .map(container -> container.getImage())
                .findFirst()
                .orElse("");
    }

    private static boolean isGoing(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static Instant created(Pod pod) {
        return Instant.parse(pod.getMetadata().getCreationTimestamp());
    }
}
