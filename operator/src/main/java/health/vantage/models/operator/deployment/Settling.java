package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelDeploymentSpec.Placement;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.Claim;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Plan;
import health.vantage.models.operator.plan.Planner;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Member;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is left to do once an attempt is settled: nodes that joined or came back are brought where the others are, nodes
 * that no longer belong forget the model. Pure.
 */
final class Settling {
    private Settling() {}

    /** Nodes that lack this epoch's instruction and can take the model. */
    static List<Plan.Placement> latecomers(Observed observed, StatusDraft draft, List<Member> members) {
        // After a rollback with no good version to return to there is nothing to bring anybody.
        boolean nothingToServe = draft.rollout.phase() == Phase.RolledBack && draft.rollout.previous() == null;
        Optional<ModelRevision> revision = observed.revision(draft.rollout.revision());
        if (draft.rollout.phase().underWay() || nothingToServe || revision.isEmpty()) {
            return List.of();
        }
        Set<String> present = members.stream().map(Member::name).collect(Collectors.toSet());
        // FirstFit chose its tier when the attempt began: a tier that became free since is not taken as well.
        List<String> tiers = observed.deployment().getSpec().tiers().stream()
                .filter(tier -> members.isEmpty()
                        || members.stream().anyMatch(m -> m.node().tier().equals(tier)))
                .filter(tier -> revision.get().getSpec().forTier(tier).isPresent())
                .toList();
        if (tiers.isEmpty()) {
            return List.of();
        }
        Claim claim = Claims.of(observed.deployment(), revision.get(), tiers, new Quorum.Reachable());
        return tiers.stream()
                .flatMap(tier ->
                        Planner.plan(only(claim, tier), Claims.waiting(observed), observed.facts())
                                .placements()
                                .stream())
                .filter(placement -> !present.contains(placement.node().name()))
                .toList();
    }

    static Step latecomerStep(StatusDraft draft) {
        return draft.rollout.phase() == Phase.RolledBack ? Step.Abort : Step.Confirm;
    }

    /** FirstFit is on one tier at a time: the one it was on before it moved is not among them. */
    private static List<String> tiersInUse(Observed observed, StatusDraft draft, List<NodeFacts> facts) {
        List<String> tiers = observed.deployment().getSpec().tiers();
        List<String> taken = observed.members(facts, draft.rollout.epoch()).stream()
                .map(member -> member.node().tier())
                .distinct()
                .toList();
        return observed.deployment().getSpec().placement() == Placement.FirstFit && !taken.isEmpty() ? taken : tiers;
    }

    /** Nodes that carry this deployment's instruction though they are in none of its tiers any more. */
    static List<NodeFacts> strangers(Observed observed, StatusDraft draft, List<NodeFacts> facts) {
        if (draft.rollout.phase() != Phase.Confirmed) {
            return List.of();
        }
        List<String> tiers = tiersInUse(observed, draft, facts);
        return facts.stream()
                .filter(node -> !tiers.contains(node.tier()))
                .filter(node -> node.instruction(observed.name())
                        .filter(i -> i.deployment().uid().equals(observed.uid()))
                        .isPresent())
                .toList();
    }

    private static Claim only(Claim claim, String tier) {
        return new Claim(
                claim.namespace(),
                claim.model(),
                claim.uid(),
                claim.priority(),
                claim.created(),
                List.of(tier),
                claim.placement(),
                claim.quorum(),
                claim.revision());
    }
}
