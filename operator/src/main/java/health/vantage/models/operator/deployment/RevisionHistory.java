package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionStatus;
import health.vantage.models.api.ModelRevisionStatus.Outcome;
import health.vantage.models.api.RolloutStatus.Phase;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.Optional;

/** Keeps on each ModelRevision what became of it: the audit trail of what served here, and when. */
@ApplicationScoped
class RevisionHistory {
    private final KubernetesClient client;
    private final Clock clock;

    RevisionHistory(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    void rollingOut(ModelRevision revision) {
        write(revision, new ModelRevisionStatus(Outcome.RollingOut, confirmedAt(revision), null, null));
    }

    /** Brings the revisions' outcomes in line with the deployment's status; writes only what changed. */
    void record(Observed observed, ModelDeploymentStatus status) {
        if (status.rollout().phase() == Phase.Confirmed) {
            observed.revision(status.rollout().revision())
                    .filter(revision ->
                            outcome(revision).filter(Outcome.Confirmed::equals).isEmpty())
                    .ifPresent(
                            revision -> write(revision, new ModelRevisionStatus(Outcome.Confirmed, now(), null, null)));
            observed.revision(status.rollout().previous())
                    .filter(revision -> !revision.getMetadata()
                            .getName()
                            .equals(status.rollout().revision()))
                    .filter(revision ->
                            outcome(revision).filter(Outcome.Confirmed::equals).isPresent())
                    .ifPresent(revision -> write(
                            revision, new ModelRevisionStatus(Outcome.Superseded, confirmedAt(revision), now(), null)));
        }
        if (status.rollout().phase() == Phase.RolledBack) {
            observed.revision(status.rollout().revision())
                    .filter(revision ->
                            outcome(revision).filter(Outcome.RolledBack::equals).isEmpty())
                    .ifPresent(revision -> write(
                            revision,
                            new ModelRevisionStatus(
                                    Outcome.RolledBack,
                                    confirmedAt(revision),
                                    now(),
                                    status.rollout().abortReason() + ": "
                                            + status.rollout().message())));
        }
    }

    private static Optional<Outcome> outcome(ModelRevision revision) {
        return Optional.ofNullable(revision.getStatus()).map(ModelRevisionStatus::outcome);
    }

    private static String confirmedAt(ModelRevision revision) {
        return revision.getStatus() == null ? null : revision.getStatus().confirmedAt();
    }

    private String now() {
        return clock.instant()
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
    }

    private void write(ModelRevision revision, ModelRevisionStatus status) {
        var next = new ModelRevision();
        next.setMetadata(revision.getMetadata());
        next.setSpec(revision.getSpec());
        next.setStatus(status);
        try {
            client.resource(next).updateStatus();
        } catch (KubernetesClientException e) {
            // A stale copy: the next look at the deployment finds the outcome still missing and writes it again.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
