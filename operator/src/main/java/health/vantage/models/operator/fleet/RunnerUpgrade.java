package health.vantage.models.operator.fleet;

import health.vantage.models.api.ComputeTierStatus;
import health.vantage.models.api.ComputeTierStatus.FailedUpgrade;
import health.vantage.models.operator.runtime.Runners;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the tier's nodes to a new runner one by one. Pure.
 *
 * <p>Healthy runners go first: one of them that does not come back proves something about the image, a runner that was
 * broken before proves nothing. The next is taken when the last is ready again; if one that was healthy is not within
 * {@link #PATIENCE}, the tier goes back to the image that was last seen healthy. Nodes that cannot be reached are left
 * alone until they return: a pod there cannot even be deleted, and in a clinic a node is often away for days.
 *
 * @param image what the DaemonSet runs now
 * @param restart the pod that is to come back with that image
 * @param taken the node whose healthy runner was restarted and is not back yet; written before it is
 * @param failed the wanted image, if it did not come up, and where: not tried again until another is wanted
 * @param lastGood what an upgrade goes back to; none until a runner was ready once
 */
record RunnerUpgrade(
        String image,
        Optional<Pod> restart,
        Optional<String> taken,
        Optional<FailedUpgrade> failed,
        Optional<String> lastGood) {
    /** How long a runner may take to become ready: its natives unpack and its models load from the cache. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * @param last what was remembered
     * @param all the tier's runner pods
     * @param reachable names of the tier's nodes that are ready
     */
    static RunnerUpgrade next(
            String wanted, ComputeTierStatus last, List<Pod> all, Set<String> reachable, Instant now) {
        List<Pod> pods =
                all.stream().filter(pod -> reachable.contains(nodeOf(pod))).toList();
        Optional<String> good = Optional.ofNullable(last.lastGoodImage());
        Optional<String> waited = Optional.ofNullable(last.upgradingNode())
                .filter(reachable::contains)
                .filter(node ->
                        pods.stream().noneMatch(pod -> nodeOf(pod).equals(node) && runs(pod, wanted) && isReady(pod)));
        Optional<FailedUpgrade> failed = Optional.ofNullable(last.failedUpgrade())
                .filter(failure -> failure.image().equals(wanted))
                .or(() -> waited.filter(
                                _ -> good.filter(image -> !image.equals(wanted)).isPresent())
                        .filter(node -> pods.stream()
                                .anyMatch(pod -> nodeOf(pod).equals(node) && runs(pod, wanted) && !isYoung(pod, now)))
                        .map(node -> new FailedUpgrade(wanted, node)));
        boolean back = failed.isPresent() && good.isPresent();
        String image = back ? good.get() : wanted;
        Optional<String> taken = back ? Optional.empty() : waited;

        List<Pod> old = pods.stream().filter(pod -> !runs(pod, image)).toList();
        boolean wait =
                pods.stream().anyMatch(pod -> isGoing(pod) || runs(pod, image) && !isReady(pod) && isYoung(pod, now))
                        || taken.filter(node -> pods.stream()
                                        .noneMatch(pod -> nodeOf(pod).equals(node)))
                                .isPresent();
        Optional<Pod> restart = wait
                ? Optional.empty()
                : old.stream()
                        .min(Comparator.comparing((Pod pod) -> !taken.equals(Optional.of(nodeOf(pod))))
                                .thenComparing(pod -> isReady(pod) == back)
                                .thenComparing(pod -> pod.getMetadata().getName()));
        Optional<String> nowTaken = restart.filter(pod -> !back && isReady(pod))
                .map(RunnerUpgrade::nodeOf)
                .or(() -> taken);
        boolean done =
                !back && old.isEmpty() && nowTaken.isEmpty() && pods.stream().anyMatch(RunnerUpgrade::isReady);
        return new RunnerUpgrade(image, restart, nowTaken, failed, done ? Optional.of(wanted) : good);
    }

    /** Whether something will be worth a look soon. */
    boolean underWay() {
        return restart.isPresent() || taken.isPresent();
    }

    static boolean isReady(Pod pod) {
        return Runners.isReady(pod);
    }

    private static boolean runs(Pod pod, String image) {
        return pod.getSpec().getContainers().stream()
                .filter(container -> container.getName().equals("runner"))
                .map(Container::getImage)
                .anyMatch(image::equals);
    }

    /** A pod that is not scheduled yet is on no node. */
    private static String nodeOf(Pod pod) {
        return Optional.ofNullable(pod.getSpec().getNodeName()).orElse("");
    }

    private static boolean isGoing(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static boolean isYoung(Pod pod, Instant now) {
        Instant created = Instant.parse(pod.getMetadata().getCreationTimestamp());
        return Duration.between(created, now).compareTo(PATIENCE) < 0;
    }
}
