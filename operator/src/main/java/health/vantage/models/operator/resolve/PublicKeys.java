package health.vantage.models.operator.resolve;

import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentSpec.PublicKey;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The public keys that a deployment names, read from Secrets of its own namespace. */
@ApplicationScoped
public class PublicKeys {
    private static final int MOST_KEY_BYTES = 16 * 1024;

    private final KubernetesClient client;

    public PublicKeys(KubernetesClient client) {
        this.client = client;
    }

    /** What became of the names. */
    public sealed interface Keys {}

    /** All of them were found. */
    public record Found(List<String> pems) implements Keys {}

    /** One was not. */
    public record Missing(String message) implements Keys {}

    /** The spec names none. */
    public record None() implements Keys {}

    /** Reads the Secrets anew: keys are rotated while the operator runs. */
    public Keys of(ModelDeployment deployment) {
        if (deployment.getSpec().verify() == null
                || deployment.getSpec().verify().publicKeys().isEmpty()) {
            return new None();
        }
        String namespace = deployment.getMetadata().getNamespace();
        var pems = new ArrayList<String>();
        for (PublicKey key : deployment.getSpec().verify().publicKeys()) {
            String name = key.secretRef().name();
            String entry = key.secretRef().key();
            Secret secret;
            try {
                secret = client.secrets().inNamespace(namespace).withName(name).get();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                    throw e;
                }
                return new Missing("the operator may not read Secret " + namespace + "/" + name
                        + ": add the namespace to the chart's rbac.secretNamespaces");
            }
            if (secret == null) {
                return new Missing(
                        "Secret " + namespace + "/" + name + " does not exist: create it with" + " `kubectl -n "
                                + namespace + " create secret generic " + name + " --from-file=" + entry + "`");
            }
            Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
            String encoded = data.get(entry);
            if (encoded == null) {
                return new Missing("Secret " + namespace + "/" + name + " has no entry '" + entry + "'; it has "
                        + String.join(", ", data.keySet()));
            }
            byte[] pem = Base64.getDecoder().decode(encoded);
            if (pem.length > MOST_KEY_BYTES) {
                return new Missing("Secret " + namespace + "/" + name + ", entry '" + entry + "': " + pem.length
                        + " bytes are too many for a public key");
            }
            pems.add(new String(pem, StandardCharsets.UTF_8));
        }
        return new Found(List.copyOf(pems));
    }
}
