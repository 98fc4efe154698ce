package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Attempt;
import health.vantage.models.operator.rollout.Fault;
import health.vantage.models.operator.rollout.Member;
import health.vantage.models.operator.rollout.Policy;
import health.vantage.models.operator.rollout.RolloutDecision;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One step of the attempt that is under way, or a look at the one that is settled. */
final class AdvanceStep {
    private AdvanceStep() {}

    static void run(Observed observed, StatusDraft draft, List<Member> members, Policy policy) {
        if (draft.rollout.phase() == Phase.Idle) {
            return;
        }
        var decision = RolloutDecision.decide(new Attempt(
                draft.rollout,
                members,
                policy,
                latencies(observed, draft),
                ResolveStep.superseded(draft),
                draft.now()));
        draft.rollout = decision.next();
        draft.failingNodes = decision.failing();
        decision.fault().ifPresent(fault -> draft.quarantine(bad(observed, draft, fault)));
        if (draft.rollout.phase() == Phase.Confirmed) {
            draft.lastGood = new RevisionRef(draft.rollout.revision(), draft.rollout.version());
        }
    }

    /** Never what an abort returns to: nodes would be told to go back to it and not to activate it. */
    private static List<QuarantinedDigest> bad(Observed observed, StatusDraft draft, Fault fault) {
        Set<String> good = observed.revision(draft.rollout.previous()).stream()
                .flatMap(revision -> revision.getSpec().artifacts().stream())
                .map(TierArtifact::digest)
                .collect(Collectors.toSet());
        return fault.quarantine().stream()
                .filter(digest -> !good.contains(digest))
                .sorted()
                .map(digest -> new QuarantinedDigest(
                        digest,
                        draft.rollout.version(),
                        fault.reason().name(),
                        fault.message(),
                        draft.now().truncatedTo(ChronoUnit.SECONDS).toString()))
                .toList();
    }

    private static Map<String, Double> latencies(Observed observed, StatusDraft draft) {
        return observed.revision(draft.rollout.revision()).stream()
                .flatMap(revision -> revision.getSpec().artifacts().stream())
                .filter(artifact -> artifact.latencyMs() != null)
                .collect(Collectors.toMap(TierArtifact::tier, TierArtifact::latencyMs));
    }
}
