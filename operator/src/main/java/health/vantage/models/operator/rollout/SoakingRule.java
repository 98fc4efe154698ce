package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import java.util.List;
import java.util.Optional;

/** The runners' own counters are watched until soak is over. */
final class SoakingRule implements PhaseRule {
    /** Fewer requests than this do not end a soak early: one failed request of two is no rate yet. */
    private static final long ENOUGH_FOR_A_RATE = 10;

    /** A 99th percentile of fewer requests is their maximum, which a single slow one decides. */
    private static final long ENOUGH_FOR_A_PERCENTILE = 20;

    @Override
    public Verdict judge(Attempt attempt) {
        boolean over = attempt.age().compareTo(attempt.policy().soak()) >= 0;
        if (failing(attempt, over).size()
                > attempt.policy().quorum().mayFail(attempt.members().size())) {
            // It is turned back now, so every complaint is heard, the young ones too: several nodes tell a bad artifact
            // from one bad node.
            return new Verdict.TurnBack(Fault.ofNodes(
                    Reason.SoakFailed, failing(attempt, true), attempt.members().size()));
        }
        if (!over) {
            // A point in time, not a count of seconds: status is written when something changes, and the clock always
            // does.
            return new Verdict.Stay("soaking until "
                    + attempt.now().plus(attempt.policy().soak().minus(attempt.age())));
        }
        return attempt.members().stream().anyMatch(member -> member.serves() && member.reachable())
                ? new Verdict.Advance(Phase.Confirmed, "soaked without complaint")
                : withoutWitness(attempt);
    }

    private static List<Member> failing(Attempt attempt, boolean over) {
        return attempt.members().stream()
                .map(member -> complaint(attempt, member, over)
                        .map(why -> blame(member, why))
                        .orElse(member))
                .filter(Member::lost)
                .toList();
    }

    /**
     * Every node that serves it is away, or deleted: what they said last proves nothing, and confirming would give up
     * the version to go back to. The network may come back.
     */
    private static Verdict withoutWitness(Attempt attempt) {
        boolean waited = attempt.age()
                        .minus(attempt.policy().soak())
                        .compareTo(attempt.policy().activateTimeout())
                >= 0;
        return waited
                ? new Verdict.TurnBack(Fault.ofNobody(
                        Reason.NoReachableNodes,
                        "soak is over, and no node that serves it could be reached for "
                                + attempt.policy().activateTimeout().toSeconds() + " s after that"))
                : new Verdict.Stay("soak is over; waiting for a node that serves it and can be reached");
    }

    private static Optional<String> complaint(Attempt attempt, Member member, boolean over) {
        if (!member.serves()) {
            return Optional.empty();
        }
        ModelState said = member.report().orElseThrow();
        double errorRate = said.requests() == 0 ? 0 : (double) said.errors() / said.requests();
        if (errorRate > attempt.policy().maxErrorRate() && (over || said.requests() >= ENOUGH_FOR_A_RATE)) {
            return Optional.of(said.errors() + " of " + said.requests() + " requests failed, more than "
                    + percent(attempt.policy().maxErrorRate()) + " (rollout.maxErrorRate)");
        }
        double declared = attempt.latencyMs().getOrDefault(member.node().tier(), 0.0);
        double limit = declared * attempt.policy().maxLatencyFactor();
        if (declared > 0 && said.p99Millis() > limit && said.requests() >= ENOUGH_FOR_A_PERCENTILE) {
            return Optional.of(String.format(
                    java.util.Locale.ROOT,
                    "p99 latency %.1f ms is over %.1f ms (metadata latencyMs %.1f x rollout.maxLatencyFactor)",
                    said.p99Millis(),
                    limit,
                    declared));
        }
        return Optional.empty();
    }

    /** The node as if it had said itself what its counters show. */
    private static Member blame(Member member, String why) {
        ModelState said = member.report().orElseThrow();
        return new Member(
                member.node(),
                member.told(),
                Optional.of(new ModelState(
                        said.name(),
                        said.epoch(),
                        health.vantage.models.api.ModelNodeStatus.State.Failed,
                        said.activeDigest(),
                        said.activeVersion(),
                        said.stagedDigest(),
                        said.lastGoodDigest(),
                        Reason.SoakFailed.name(),
                        why,
                        said.pulledBytes(),
                        said.totalBytes(),
                        said.since(),
                        said.requests(),
                        said.errors(),
                        said.p99Millis(),
                        said.declaredMemoryMiB(),
                        said.measuredMemoryMiB())));
    }

    private static String percent(double rate) {
        return String.format(java.util.Locale.ROOT, "%.1f %%", rate * 100);
    }
}
