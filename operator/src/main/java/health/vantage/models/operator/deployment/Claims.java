package health.vantage.models.operator.deployment;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.operator.plan.Claim;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Makes claims on memory out of deployments. */
final class Claims {
    private Claims() {}

    static Claim of(ModelDeployment deployment, ModelRevision revision, List<String> tiers, Quorum quorum) {
        return new Claim(
                deployment.getMetadata().getNamespace(),
                deployment.getMetadata().getName(),
                deployment.getMetadata().getUid(),
                deployment.getSpec().priority(),
                Instant.parse(deployment.getMetadata().getCreationTimestamp()),
                tiers,
                deployment.getSpec().placement(),
                quorum,
                revision.getSpec());
    }

    /** Other deployments that were refused memory and wait for it. */
    static List<Claim> waiting(Observed observed) {
        return observed.others().stream()
                .flatMap(other -> waiting(observed, other).stream())
                .toList();
    }

    private static Optional<Claim> waiting(Observed observed, ModelDeployment other) {
        ModelDeploymentStatus status = StatusDraft.lastStatus(other);
        boolean refused = status.conditions().stream()
                .anyMatch(c -> c.type().equals(ConditionType.Placed.name()) && c.status() == Status.False);
        if (!refused
                || status.desired() == null
                || other.getSpec().paused()
                || other.getMetadata().getDeletionTimestamp() != null) {
            return Optional.empty();
        }
        return observed.revision(
                        other.getMetadata().getNamespace(), status.desired().name())
                .map(revision -> of(
                        other,
                        revision,
                        other.getSpec().tiers(),
                        Quorum.parse(other.getSpec().rollout().requireNodes())));
    }
}
