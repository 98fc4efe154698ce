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
                .orElseGet(() -> new ComputeTierStatus(null, null, null, null, null, null, null, null, null));
    }

    /** The Service is named after the tier, and names of Services end at 63 characters and have no dots. */
    static Optional<String> problemOfName(String tier) {
        return tier.matches("[a-z0-9]([-a-z0-9]{0,46}[a-z0-9])?")
                ? Optional.empty()
                : Optional.of("metadata.name: a tier's Service is named after it, so the name may have at most 48"
                        + " characters and no dots: make the tier anew under another name");
    }

    /** @param refused what the API server says against the runner's objects, if it refuses them */
    static ComputeTierStatus of(
            ComputeTier tier,
            Membership membership,
            long ready,
            RunnerUpgrade upgrade,
            Optional<String> refused,
            Instant now) {
        int nodes = membership.members().size() + membership.join().size();
        Verdict verdict = judge(tier, membership, nodes, ready, upgrade, refused);
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
                upgrade.lastGood().orElse(null),
                upgrade.taken().orElse(null),
                upgrade.failed().orElse(null));
    }

    private record Verdict(Status status, Reason reason, String message) {}

    private static Verdict judge(
            ComputeTier tier,
            Membership membership,
            int nodes,
            long ready,
            RunnerUpgrade upgrade,
            Optional<String> refused) {
        if (refused.isPresent()) {
            return new Verdict(Status.False, Reason.InvalidSpec, refused.get());
        }
        if (upgrade.failed().isPresent()) {
            return new Verdict(
                    Status.False,
                    Reason.UpgradeRolledBack,
                    upgrade.failed().get().image() + " did not become ready on "
                            + upgrade.failed().get().node() + "; runners stay on " + upgrade.image()
                            + ". Look at the pod's log, then set spec.runner.image to another image");
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
