package health.vantage.models.operator.fleet;

import health.vantage.models.api.ComputeTierSpec.RunnerTemplate;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * How a tier's certificates and tokens reach its runners: as whole folders, since the kubelet renews those in place; a single file mounted by
 * subPath would stay as it was. Only the keys that are needed are mounted.
 */
record RunnerSecrets(List<EnvVar> env, List<Volume> volumes, List<VolumeMount> mounts) {
    private static final String FOLDER = "/etc/vantage/";

    static RunnerSecrets of(RunnerTemplate runner) {
        RunnerSecrets secrets = new RunnerSecrets(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        if (runner.tlsSecret() != null) {
            secrets.mount("tls", runner.tlsSecret(), List.of("tls.crt", "tls.key"));
            secrets.tell("VANTAGE_TLS_CERT", "tls/tls.crt");
            secrets.tell("VANTAGE_TLS_KEY", "tls/tls.key");
        }
        if (runner.clientCaSecret() != null) {
            secrets.mount("client-ca", runner.clientCaSecret(), List.of("ca.crt"));
            secrets.tell("VANTAGE_TLS_CLIENT_CA", "client-ca/ca.crt");
        }
        if (runner.tokensSecret() != null) {
            secrets.mount("tokens", runner.tokensSecret(), List.of("tokens"));
            secrets.tell("VANTAGE_TOKENS", "tokens/tokens");
        }
        return secrets;
    }

    private void tell(String variable, String file) {
        env.add(new EnvVarBuilder().withName(variable).withValue(FOLDER + file).build());
    }

    private void mount(String name, String secret, List<String> keys) {
        VolumeBuilder volume = new VolumeBuilder().withName(name);
        var source = volume.withNewSecret().withSecretName(secret);
        for (String key : keys) {
            source = source.addNewItem().withKey(key).withPath(key).endItem();
        }
        volumes.add(source.endSecret().build());
        mounts.add(new VolumeMountBuilder()
                .withName(name)
                .withMountPath(FOLDER + name)
                .withReadOnly(true)
                .build());
    }
}
