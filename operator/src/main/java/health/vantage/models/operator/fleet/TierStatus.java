package health.vantage.models.operator.fleet;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierStatus;
import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.operator.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Sums a tier up. Pure. */
final class TierStatus {
    private TierStatus() {}

    static ComputeTierStatus last(ComputeTier tier) {
        return Optional.ofNullable(tier.getStatus())
                .orElseGet(() -> new ComputeTierStatus(null, null, null, null, null, null, null));
    }

    /** @param failedOn the node on which the wanted image did not come up, if the tier went back */
    static ComputeTierStatus of(
            ComputeTier tier,
            Membership membership,
            long ready,
            Optional<String> failedOn,
            String lastGoodImage,
            Instant now) {
        int nodes = membership.members().size() + membership.join().size();
        Verdict verdict = judge(tier, membership, nodes, ready, failedOn, lastGoodImage);
        ComputeTierStatus last = last(tier);
        String since = last.conditions().stream()
                .filter(c -> c.type().equals("Ready") && c.status() == verdict.status())
                .map(Condition::lastTransitionTime)
                .findFirst()
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ComputeTierStatus(
                tier.getMetadata().getGeneration(),
                List.of(new Condition(
                        "Ready",
                        verdict.status(),
                        tier.getMetadata().getGeneration(),
                        since,
                        verdict.reason().name(),
                        verdict.message())),
                nodes,
                (int) ready,
                ready + "/" + nodes,
                membership.unmatched(),
                lastGoodImage);
    }

    private record Verdict(Status status, Reason reason, String message) {}

    private static Verdict judge(
            ComputeTier tier,
            Membership membership,
            int nodes,
            long ready,
            Optional<String> failedOn,
            String lastGoodImage) {
        if (failedOn.isPresent()) {
            return new Verdict(
                    Status.False,
                    Reason.UpgradeRolledBack,
                    tier.getSpec().runner().image() + " did not become ready on " + failedOn.get()
                            + "; runners stay on " + lastGoodImage
                            + ". Look at the pod's log, then set spec.runner.image anew");
        }
        if (!membership.contested().isEmpty()) {
            return new Verdict(
                    Status.False,
                    Reason.TierOverlap,
                    "these nodes match but belong to another tier: "
                            + String.join(
                                    ", ",
                                    membership.contested().stream().limit(5).toList())
                            + "; make the nodeSelectors disjoint");
        }
        if (nodes == 0) {
            return new Verdict(Status.False, Reason.NoNodes, "no node matches spec.nodeSelector");
        }
        return ready == nodes
                ? new Verdict(Status.True, Reason.RunnersReady, "every runner is ready")
                : new Verdict(Status.False, Reason.RunnersNotReady, ready + " of " + nodes + " runners are ready");
    }
}
