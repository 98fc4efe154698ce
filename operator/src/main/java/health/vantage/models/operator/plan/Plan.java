package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelDeploymentStatus.TierPlan;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.operator.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Where a revision goes, or why nowhere.
 *
 * @param tiers what the status shows, per tier
 * @param placements empty if refused
 */
public record Plan(List<TierPlan> tiers, List<Placement> placements, Optional<Refusal> refusal) {

    /** One node that takes part. */
    public record Placement(NodeFacts node, TierArtifact artifact, Fit.Fits fit) {}

    /** Why no node is told anything. */
    public record Refusal(Reason reason, String message) {}
}
