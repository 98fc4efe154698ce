package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.operator.report.Events;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.report.Transition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;

/**
 * Writes a status by PUT with the resourceVersion it was decided on: a decision made on stale facts, or by a former
 * leader, is refused by the API server and made anew. Nothing is written where nothing changed.
 */
@ApplicationScoped
class StatusWriter {
    private final KubernetesClient client;
    private final Events events;

    StatusWriter(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    /** Writes the status and tells what changed as events. */
    Written write(ModelDeployment deployment, ModelDeploymentStatus status) {
        ModelDeploymentStatus before = StatusDraft.lastStatus(deployment);
        if (before.equals(status)) {
            return new Written.Done(deployment);
        }
        var next = new ModelDeployment();
        next.setMetadata(deployment.getMetadata());
        next.setSpec(deployment.getSpec());
        next.setStatus(status);
        try {
            ModelDeployment written = client.resource(next).updateStatus();
            Transition.between(before, status).forEach(transition -> events.tell(deployment, transition));
            return new Written.Done(written);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return new Written.Stale();
            }
            throw e;
        }
    }

    /** What became of the write. */
    sealed interface Written {
        /** It stands. */
        record Done(ModelDeployment deployment) implements Written {}

        /** The object changed meanwhile: nothing was written, and nothing may be told to nodes. */
        record Stale() implements Written {}
    }
}
