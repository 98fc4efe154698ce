package health.vantage.models.artifact.verify;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import java.util.List;

/** Checks cosign signatures with public keys, in both forms that cosign writes. Works on a registry and offline. */
public final class SignatureVerifier {
    private final List<String> pems;

    private SignatureVerifier(List<String> pems) {
        this.pems = List.copyOf(pems);
    }

    /** @throws IllegalArgumentException if a key cannot be read, saying which and why */
    public static SignatureVerifier of(List<String> pems) {
        return new SignatureVerifier(pems);
    }

    /**
     * @param repository where the signatures are: the subject's repository, or a cached model's evidence
     * @throws health.vantage.models.artifact.ArtifactException.NoSignature if nobody signed
     * @throws health.vantage.models.artifact.ArtifactException.SignatureInvalid if no signature holds
     */
    public Verified verify(Repository repository, Digest subject) {
        throw new UnsupportedOperationException("Verifying " + subject + " with " + pems.size() + " keys");
    }
}
