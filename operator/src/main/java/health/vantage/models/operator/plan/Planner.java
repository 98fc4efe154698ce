package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.ModelDeploymentStatus.TierPlan;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.operator.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Decides on which nodes a revision is rolled out. */
public final class Planner {
    private static final int MOST_MISFITS = 10;

    private Planner() {}

    /**
     * Plans for one deployment, after those ahead of it have taken what they need.
     *
     * @param ahead deployments that wait for memory as well and {@link Claim#PRECEDENCE go before} this one; one that
     *     could not start anyway holds nothing back
     */
    public static Plan plan(Claim mine, List<Claim> ahead, List<NodeFacts> nodes) {
        var taken = new HashMap<String, List<Holding>>();
        ahead.stream()
                .filter(claim -> Claim.PRECEDENCE.compare(claim, mine) < 0)
                .sorted(Claim.PRECEDENCE)
                .forEach(claim -> place(claim, nodes, taken).placements().forEach(placement -> taken.computeIfAbsent(
                                placement.node().name(), _ -> new ArrayList<>())
                        .add(new Holding(
                                claim.holder(),
                                placement.fit().device(),
                                placement.artifact().vramMiB()))));
        return place(mine, nodes, taken);
    }

    private static Plan place(Claim claim, List<NodeFacts> nodes, Map<String, List<Holding>> taken) {
        List<TierOutcome> outcomes = claim.tiers().stream()
                .map(tier -> judge(claim, tier, nodes, taken))
                .toList();
        List<TierPlan> shown = outcomes.stream().map(TierOutcome::shown).toList();
        Optional<TierOutcome> firstFit =
                outcomes.stream().filter(o -> o.refusal().isEmpty()).findFirst();
        Stream<TierOutcome> chosen =
                switch (claim.placement()) {
                    case EveryTier -> outcomes.stream();
                    case FirstFit -> firstFit.or(() -> outcomes.stream().findFirst()).stream();
                };
        List<TierOutcome> all = chosen.toList();
        Optional<Plan.Refusal> refusal =
                all.stream().flatMap(o -> o.refusal().stream()).findFirst();
        return new Plan(
                shown,
                refusal.isPresent()
                        ? List.of()
                        : all.stream().flatMap(o -> o.placements().stream()).toList(),
                refusal);
    }

    private record TierOutcome(TierPlan shown, List<Plan.Placement> placements, Optional<Plan.Refusal> refusal) {}

    private static TierOutcome judge(
            Claim claim, String tier, List<NodeFacts> nodes, Map<String, List<Holding>> taken) {
        List<NodeFacts> members = nodes.stream()
                .filter(node -> node.tier().equals(tier))
                .sorted(Comparator.comparing(NodeFacts::name))
                .toList();
        Optional<TierArtifact> artifact = claim.revision().forTier(tier);
        if (artifact.isEmpty()) {
            return refused(
                    tier,
                    null,
                    members.size(),
                    0,
                    List.of(),
                    Reason.UnknownTier,
                    "tier " + tier + ": the revision has no artifact for it; it is resolved again");
        }
        var placements = new ArrayList<Plan.Placement>();
        var misfits = new ArrayList<NodeProblem>();
        for (NodeFacts node : members) {
            switch (fit(claim, artifact.get(), node, taken.getOrDefault(node.name(), List.of()))) {
                case Fit.Fits fits -> placements.add(new Plan.Placement(node, artifact.get(), fits));
                case Fit.Misfit misfit ->
                    misfits.add(new NodeProblem(node.name(), misfit.reason().name(), misfit.message()));
            }
        }
        int able = placements.size();
        if (members.isEmpty()) {
            return refused(
                    tier,
                    artifact.get(),
                    0,
                    0,
                    misfits,
                    Reason.NoMatchingNodes,
                    "tier " + tier + " has no nodes: check the nodeSelector of ComputeTier " + tier
                            + " against the nodes' labels");
        }
        // Every node or none: a node that serves this model today must be able to take the next one too.
        List<NodeProblem> leftBehind = misfits.stream()
                .filter(m -> !m.reason().equals(Reason.NodeUnreachable.name()))
                .filter(m -> serves(claim, members, m.node()))
                .toList();
        boolean strands = !leftBehind.isEmpty() && !(claim.quorum() instanceof Quorum.Share);
        if (strands || !claim.quorum().canStart(members.size(), able)) {
            NodeProblem first = strands ? leftBehind.getFirst() : mostTelling(misfits);
            return refused(
                    tier,
                    artifact.get(),
                    members.size(),
                    able,
                    misfits,
                    Reason.of(first.reason(), Reason.InsufficientVRAM),
                    "tier " + tier + ": " + able + " of " + members.size() + " nodes can take it; " + first.node()
                            + ": " + first.message());
        }
        return new TierOutcome(show(tier, artifact.get(), members.size(), able, misfits), placements, Optional.empty());
    }

    private static Fit fit(Claim claim, TierArtifact artifact, NodeFacts node, List<Holding> taken) {
        Optional<Fit.Misfit> misfit = Compatibility.misfit(node, claim.uid(), claim.model(), artifact);
        if (misfit.isPresent()) {
            return misfit.get();
        }
        Fit fit = VramLedger.fit(node, claim.uid(), claim.model(), artifact.vramMiB(), taken);
        return fit instanceof Fit.Fits && !node.reachable()
                ? new Fit.Misfit(
                        Reason.NodeUnreachable, "the node or its runner is not ready; it catches up when it returns")
                : fit;
    }

    private static boolean serves(Claim claim, List<NodeFacts> members, String node) {
        return members.stream()
                .filter(member -> member.name().equals(node))
                .flatMap(member -> member.instruction(claim.model()).stream())
                .anyMatch(own -> own.deployment().uid().equals(claim.uid()) && Holdings.serving(own) > 0);
    }

    /** A node that is merely away says less about the model than one that is too small. */
    private static NodeProblem mostTelling(List<NodeProblem> misfits) {
        return misfits.stream()
                .filter(m -> !m.reason().equals(Reason.NodeUnreachable.name()))
                .findFirst()
                .orElse(misfits.getFirst());
    }

    private static TierOutcome refused(
            String tier,
            TierArtifact artifact,
            int nodes,
            int fitting,
            List<NodeProblem> misfits,
            Reason reason,
            String message) {
        return new TierOutcome(
                show(tier, artifact, nodes, fitting, misfits),
                List.of(),
                Optional.of(new Plan.Refusal(reason, message)));
    }

    private static TierPlan show(
            String tier, TierArtifact artifact, int nodes, int fitting, List<NodeProblem> misfits) {
        return new TierPlan(
                tier,
                artifact == null ? null : artifact.digest(),
                artifact == null ? null : artifact.vramMiB(),
                nodes,
                fitting,
                misfits.stream().limit(MOST_MISFITS).toList());
    }
}
