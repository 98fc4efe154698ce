package health.vantage.models.system.harness;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** A cluster that the person gave with {@code KUBECONFIG_TEST}; it is used, never stopped. */
public final class GivenCluster implements Kubernetes {
    private final Path kubeconfig;
    private final KubernetesClient client;
    private final Kubeconfig reach;
    private final KubeVersion version;

    GivenCluster(Path kubeconfig) {
        this.kubeconfig = kubeconfig.toAbsolutePath();
        this.client = ControlPlane.clientFor(this.kubeconfig);
        Config config = client.getConfiguration();
        this.reach = new Kubeconfig(config.getMasterUrl(), authority(config));
        this.version = KubeVersion.in(client.getKubernetesVersion().getGitVersion());
    }

    @Override
    public KubeVersion version() {
        return version;
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public Kubeconfig reach() {
        return reach;
    }

    @Override
    public void close() {
        client.close();
    }

    private static String authority(Config config) {
        if (config.getCaCertData() != null) {
            return new String(Base64.getDecoder().decode(config.getCaCertData()), StandardCharsets.UTF_8);
        }
        if (config.getCaCertFile() == null) {
            throw new IllegalStateException("The kubeconfig of KUBECONFIG_TEST names no certificate authority for "
                    + config.getMasterUrl() + ": add certificate-authority or certificate-authority-data.");
        }
        try {
            return Files.readString(Path.of(config.getCaCertFile()));
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + config.getCaCertFile() + " cannot be read", e);
        }
    }
}
