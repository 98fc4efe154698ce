package health.vantage.models.operator.fleet;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeSpec;
import health.vantage.models.operator.runtime.OperatorConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.VersionInfo;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes what a tier consists of: labels, ModelNodes, the DaemonSet and the Service. */
@ApplicationScoped
class TierApplier {
    private static final String MANAGER = "vantage-tier";

    /** Minor version of Kubernetes 1.x in which {@code internalTrafficPolicy} is on. */
    private static final int LOCAL_TRAFFIC_SINCE = 22;

    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final OperatorConfig config;

    TierApplier(KubernetesClient client, OperatorConfig config) {
        this.client = client;
        this.config = config;
    }

    /** Only the label travels: a merge patch cannot undo what others write to the Node meanwhile. */
    void label(Node node, String tier) {
        patchLabel(node, "\"" + tier + "\"");
    }

    void unlabel(Node node) {
        patchLabel(node, "null");
    }

    private void patchLabel(Node node, String json) {
        client.nodes()
                .withName(node.getMetadata().getName())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"labels\":{\"" + ApiGroup.TIER_LABEL + "\":" + json + "}}}");
    }

    /** The ModelNode goes with its node. */
    void modelNode(Node node, ComputeTier tier) {
        var modelNode = new ModelNode();
        modelNode.setMetadata(new ObjectMetaBuilder()
                .withName(node.getMetadata().getName())
                .withLabels(Map.of(ApiGroup.TIER_LABEL, tier.getMetadata().getName()))
                .withOwnerReferences(Owners.of(node))
                .build());
        modelNode.setSpec(new ModelNodeSpec(tier.getMetadata().getName(), null));
        apply(modelNode);
    }

    void forgetModelNode(Node node) {
        client.resources(ModelNode.class).withName(node.getMetadata().getName()).delete();
    }

    /** @return why the API server refuses the objects, where it is the tier's spec that is to be corrected */
    Optional<String> runner(ComputeTier tier, String image) {
        try {
            applyRunner(tier, image);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST || e.getCode() == UNPROCESSABLE) {
                return Optional.of("the API server refuses the runner's DaemonSet or Service: " + e.getMessage());
            }
            throw e;
        }
    }

    private void applyRunner(ComputeTier tier, String image) {
        apply(RunnerDaemonSet.build(
                tier,
                image,
                config.namespace(),
                config.runnerServiceAccount(),
                config.insecureRegistries().orElse(List.of())));
        apply(RunnerService.build(tier, config.namespace(), internalTrafficPolicy()));
    }

    private Optional<String> internalTrafficPolicy() {
        VersionInfo server = client.getKubernetesVersion();
        // A server that does not say its version is taken for an old one: it gets nothing it may not know.
        boolean known = server != null
                && "1".equals(server.getMajor())
                && server.getMinor().matches("[0-9]{1,4}.*")
                && Integer.parseInt(server.getMinor().replaceAll("[^0-9].*", "")) >= LOCAL_TRAFFIC_SINCE;
        return known ? Optional.of("Local") : Optional.empty();
    }

    /** The DaemonSet puts a new pod in its place. */
    void restart(Pod pod) {
        client.resource(pod).delete();
    }

    private void apply(HasMetadata object) {
        client.resource(object).fieldManager(MANAGER).forceConflicts().serverSideApply();
    }
}
