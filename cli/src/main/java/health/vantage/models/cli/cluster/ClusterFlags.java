package health.vantage.models.cli.cluster;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelRevision;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which deployment on which cluster: kubectl's own flags, and the kubeconfig that kubectl would take. */
final class ClusterFlags {
    private static final int TIMEOUT_MILLIS = 15_000;

    @Parameters(paramLabel = "DEPLOYMENT", description = "The name of a ModelDeployment.")
    private String name;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Its namespace (default: the current context's).")
    private String namespace;

    @Option(
            names = "--context",
            paramLabel = "CONTEXT",
            description = "A context of the kubeconfig (default: the current one).")
    private String context;

    String name() {
        return name;
    }

    /** One deployment and the client that found it. */
    record Found(KubernetesClient client, ModelDeployment deployment) {
        ModelDeploymentStatus status() {
            return Optional.ofNullable(deployment.getStatus())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the operator has not looked at ModelDeployment " + title() + " yet: is it running?"));
        }

        String title() {
            return deployment.getMetadata().getNamespace() + "/"
                    + deployment.getMetadata().getName();
        }

        /** Its revisions that are still kept, in no order. */
        List<ModelRevision> revisions() {
            return client
                    .resources(ModelRevision.class)
                    .inNamespace(deployment.getMetadata().getNamespace())
                    .list()
                    .getItems()
                    .stream()
                    .filter(revision -> revision.getSpec()
                            .deployment()
                            .equals(deployment.getMetadata().getName()))
                    .toList();
        }

        /** Changes only what the JSON merge patch names. */
        void patch(String json) {
            client.resources(ModelDeployment.class)
                    .inNamespace(deployment.getMetadata().getNamespace())
                    .withName(deployment.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), json);
        }

        void annotate(String annotation, String value) {
            patch("{\"metadata\":{\"annotations\":{\"" + annotation + "\":\"" + value + "\"}}}");
        }
    }

    /**
     * Runs something on the deployment.
     *
     * @throws NoSuchDeployment if there is none of that name
     * @throws ClusterFailure if the API server cannot be asked, or refuses
     */
    <T> T with(Function<Found, T> work) {
        Config config = Config.autoConfigure(context);
        config.setRequestTimeout(TIMEOUT_MILLIS);
        config.setConnectionTimeout(TIMEOUT_MILLIS);
        config.setRequestRetryBackoffLimit(1);
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            String where = namespace != null
                    ? namespace
                    : Optional.ofNullable(config.getNamespace()).orElse("default");
            ModelDeployment deployment = client.resources(ModelDeployment.class)
                    .inNamespace(where)
                    .withName(name)
                    .get();
            if (deployment == null) {
                throw new NoSuchDeployment("there is no ModelDeployment " + where + "/" + name + " on "
                        + config.getMasterUrl() + " (`kubectl get modeldeployments -A` lists them; "
                        + ApiGroup.GROUP + " must be installed)");
            }
            return work.apply(new Found(client, deployment));
        } catch (KubernetesClientException e) {
            throw new ClusterFailure("the API server " + config.getMasterUrl() + " says: " + e.getMessage(), e);
        }
    }

    /** There is none of that name. */
    static final class NoSuchDeployment extends RuntimeException implements MissingObject {
        NoSuchDeployment(String message) {
            super(message);
        }
    }

    /** The API server cannot be asked, or refuses. */
    static final class ClusterFailure extends RuntimeException {
        ClusterFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
