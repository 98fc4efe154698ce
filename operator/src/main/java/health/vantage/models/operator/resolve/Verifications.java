package health.vantage.models.operator.resolve;

import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentSpec.Keyless;
import health.vantage.models.api.ModelDeploymentSpec.PublicKey;
import health.vantage.models.api.ModelDeploymentSpec.Verify;
import health.vantage.models.api.Verification;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Map;

/** What a deployment demands of its artifacts, with keys and trusted roots read from Secrets of its own namespace. */
@ApplicationScoped
public class Verifications {
    private static final int MOST_KEY_BYTES = 16 * 1024;
    private static final int MOST_ROOT_BYTES = 256 * 1024;

    private final KubernetesClient client;

    public Verifications(KubernetesClient client) {
        this.client = client;
    }

    /** What became of the names. */
    public sealed interface Demanded {}

    /** Everything was found. */
    public record Found(Verification verification) implements Demanded {}

    /** Something was not. */
    public record Missing(String message) implements Demanded {}

    /** The spec demands nothing. */
    public record None() implements Demanded {}

    /** Reads the Secrets anew: keys are rotated while the operator runs. */
    public Demanded of(ModelDeployment deployment) {
        Verify verify = deployment.getSpec().verify();
        if (verify == null || verify.publicKeys().isEmpty() && verify.keyless() == null) {
            return new None();
        }
        String namespace = deployment.getMetadata().getNamespace();
        try {
            var pems = new ArrayList<String>();
            for (PublicKey key : verify.publicKeys()) {
                pems.add(text(namespace, key.secretRef().name(), key.secretRef().key(), MOST_KEY_BYTES, "public key"));
            }
            return new Found(new Verification(
                    pems,
                    verify.keyless() == null ? null : keyless(namespace, verify.keyless()),
                    verify.attestations().stream().map(Enum::name).toList(),
                    verify.maxSeverity() == null ? null : verify.maxSeverity().name()));
        } catch (NotThere e) {
            return new Missing(e.getMessage());
        }
    }

    private Verification.Keyless keyless(String namespace, Keyless keyless) throws NotThere {
        String root = keyless.trustedRoot() == null
                ? null
                : text(
                        namespace,
                        keyless.trustedRoot().secretRef().name(),
                        keyless.trustedRoot().secretRef().key(),
                        MOST_ROOT_BYTES,
                        "trusted root");
        return new Verification.Keyless(
                keyless.issuer(), keyless.issuerRegExp(), keyless.subject(), keyless.subjectRegExp(), root);
    }

    private String text(String namespace, String name, String entry, int most, String what) throws NotThere {
        Secret secret = secret(namespace, name);
        if (secret == null) {
            throw new NotThere("Secret " + namespace + "/" + name + " does not exist: create it with" + " `kubectl -n "
                    + namespace + " create secret generic " + name + " --from-file=" + entry + "`");
        }
        Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
        String encoded = data.get(entry);
        if (encoded == null) {
            throw new NotThere("Secret " + namespace + "/" + name + " has no entry '" + entry + "'; it has "
                    + String.join(", ", data.keySet()));
        }
        byte[] text = Base64.getDecoder().decode(encoded);
        if (text.length > most) {
            throw new NotThere("Secret " + namespace + "/" + name + ", entry '" + entry + "': " + text.length
                    + " bytes are too many for a " + what);
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private Secret secret(String namespace, String name) throws NotThere {
        try {
            return client.secrets().inNamespace(namespace).withName(name).get();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
            throw new NotThere("the operator may not read Secret " + namespace + "/" + name
                    + ": add the namespace to the chart's rbac.secretNamespaces");
        }
    }

    private static final class NotThere extends Exception {
        NotThere(String message) {
            super(message);
        }
    }
}
