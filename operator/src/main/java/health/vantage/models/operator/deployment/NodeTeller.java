package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeSpec;
import health.vantage.models.operator.plan.NodeFacts;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a deployment's own entry into ModelNodes, by server-side apply under the deployment's own field manager: the
 * entries of several deployments merge, and applying without one removes it.
 */
@ApplicationScoped
class NodeTeller {
    private static final Logger LOG = LoggerFactory.getLogger(NodeTeller.class);

    private final KubernetesClient client;

    NodeTeller(KubernetesClient client) {
        this.client = client;
    }

    /** @return false if the node is gone */
    boolean tell(NodeFacts node, ModelInstruction instruction) {
        return apply(node, instruction.deployment().uid(), List.of(instruction));
    }

    void forget(NodeFacts node, String deploymentUid) {
        apply(node, deploymentUid, List.of());
    }

    /** Takes the entry back from a ModelNode that is known only by name and UID. */
    void forget(ModelNode node, String deploymentUid) {
        apply(node.getMetadata().getName(), node.getMetadata().getUid(), deploymentUid, List.of());
    }

    private boolean apply(NodeFacts node, String deploymentUid, List<ModelInstruction> entries) {
        return apply(node.name(), node.uid(), deploymentUid, entries);
    }

    private boolean apply(String node, String uid, String deploymentUid, List<ModelInstruction> entries) {
        var wish = new ModelNode();
        // With the UID, an apply to a node that was deleted meanwhile fails instead of bringing it back.
        wish.setMetadata(new ObjectMetaBuilder().withName(node).withUid(uid).build());
        wish.setSpec(new ModelNodeSpec(null, entries));
        try {
            client.resource(wish).fieldManager(manager(deploymentUid)).serverSideApply();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                // Gone, or its name was taken meanwhile: the next look at the cluster decides anew.
                LOG.info("ModelNode {} was not told: {}", node, e.getMessage());
                return false;
            }
            throw e;
        }
    }

    private static String manager(String deploymentUid) {
        return "vantage-deployment-" + deploymentUid;
    }
}
