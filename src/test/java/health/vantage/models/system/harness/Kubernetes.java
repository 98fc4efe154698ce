package health.vantage.models.system.harness;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;

/** An API server with its controllers: ours, or one that the person gave. */
public sealed interface Kubernetes extends AutoCloseable permits ControlPlane, GivenCluster {
    KubeVersion version();

    /** A cluster administrator's kubeconfig. */
    Path kubeconfig();

    /** A cluster administrator's client; closed with this. */
    KubernetesClient client();

    Kubeconfig reach();

    @Override
    void close();
}
