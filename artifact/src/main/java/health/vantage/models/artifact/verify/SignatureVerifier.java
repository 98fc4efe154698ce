package health.vantage.models.artifact.verify;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Checks cosign signatures with public keys, in both forms that cosign writes. Works on a registry, and offline on a
 * cached model's evidence.
 */
public final class SignatureVerifier {
    private static final int MOST_KEYS = 16;

    private final List<TrustedKey> keys;

    private SignatureVerifier(List<TrustedKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * @param pems the keys that may vouch; several while a key is being rotated, and any one of them is enough
     * @throws IllegalArgumentException if a key cannot be read, saying which and why
     */
    public static SignatureVerifier of(List<String> pems) {
        if (pems.isEmpty() || pems.size() > MOST_KEYS) {
            throw new IllegalArgumentException("1 to " + MOST_KEYS + " public keys are needed, not " + pems.size());
        }
        var keys = new ArrayList<TrustedKey>();
        for (int i = 0; i < pems.size(); i++) {
            try {
                keys.add(TrustedKey.parse(pems.get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "Public key " + (i + 1) + " of " + pems.size() + ": " + e.getMessage(), e);
            }
        }
        return new SignatureVerifier(keys);
    }

    public List<TrustedKey> keys() {
        return keys;
    }

    /**
     * @param repository where the signatures are: the subject's repository, or a cached model's evidence
     * @param subject the manifest's digest; a tag is never verified, it may move
     * @throws NoSignature if nobody signed
     * @throws SignatureInvalid if there are signatures and none holds, saying why of each
     */
    public Verified verify(Repository repository, Digest subject) {
        var checked = new ArrayList<>(new CosignV2(repository, keys).check(subject));
        for (Checked result : checked) {
            if (result instanceof Checked.Holds holds) {
                return holds.by();
            }
        }
        checked.addAll(new CosignV3(repository, keys).check(subject));
        var rejected = new ArrayList<String>();
        var others = new ArrayList<String>();
        for (Checked result : checked) {
            switch (result) {
                case Checked.Holds holds -> {
                    return holds.by();
                }
                case Checked.Rejected no -> rejected.add(no.why());
                case Checked.NotASignature other -> others.add(other.what());
            }
        }
        String artifact = repository.reference().withDigest(subject).toString();
        if (rejected.isEmpty()) {
            throw new NoSignature(artifact + " is not signed"
                    + (others.isEmpty() ? "" : " (attached is only: " + listed(others) + ")")
                    + "; sign it with 'cosign sign --key ... " + artifact + "'");
        }
        String keyIds = keys.stream().map(TrustedKey::keyId).collect(Collectors.joining(", "));
        throw new SignatureInvalid("No signature of " + artifact + " holds for the trusted keys " + keyIds + ": "
                + listed(rejected) + ". Sign it with one of these keys, or trust the key that signed it");
    }

    /** What trusted keys attest of a manifest, whatever it is; what does not hold is left out. */
    public List<VerifiedAttestation> attestations(Repository repository, Digest subject) {
        return Attestations.of(repository, subject, keys).held();
    }

    /**
     * Demands one attestation of each type, by any of the keys and about exactly this manifest.
     *
     * @return those that hold, in the order of the types
     * @throws NoSignature if there is nothing that could be one of a type, naming it
     * @throws SignatureInvalid if a type is missing and something attached does not hold, saying why of each
     */
    public List<VerifiedAttestation> requireAttestations(
            Repository repository, Digest subject, Collection<AttestationType> types) {
        if (types.isEmpty()) {
            return List.of();
        }
        Attestations all = Attestations.of(repository, subject, keys);
        return types.stream()
                .map(type -> all.held().stream()
                        .filter(a -> a.predicateType().equals(type.predicateType()))
                        .findFirst()
                        .orElseThrow(() -> missing(repository, subject, type, all)))
                .toList();
    }

    private static ArtifactException missing(
            Repository repository, Digest subject, AttestationType type, Attestations all) {
        String artifact = repository.reference().withDigest(subject).toString();
        String others = listed(
                all.held().stream().map(VerifiedAttestation::predicateType).toList());
        String message = artifact + " has no attestation of the type " + type.flag() + " (" + type.predicateType()
                + ") by a trusted key"
                + (others.isEmpty() ? "" : "; what is attested is only: " + others)
                + (all.rejected().isEmpty() ? "" : "; rejected: " + listed(all.rejected()))
                + ". Attach one with 'kubectl model attest --type " + type.flag() + "' or 'cosign attest'";
        return all.rejected().isEmpty() ? new NoSignature(message) : new SignatureInvalid(message);
    }

    private static String listed(List<String> all) {
        String some = all.stream().distinct().limit(5).collect(Collectors.joining("; "));
        return all.stream().distinct().count() > 5 ? some + "; ..." : some;
    }
}
