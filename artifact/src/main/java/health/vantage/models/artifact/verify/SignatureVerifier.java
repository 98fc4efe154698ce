package health.vantage.models.artifact.verify;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.NoAttestation;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Checks cosign signatures and attestations, in both forms that cosign writes, with public keys or against the identity in
 * a certificate. Works on a registry, and offline on a cached model's evidence.
 */
public final class SignatureVerifier {
    private static final int MOST_KEYS = 16;

    private final Signatories signatories;

    private SignatureVerifier(Signatories signatories) {
        this.signatories = signatories;
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
        return new SignatureVerifier(new KeyHolders(List.copyOf(keys)));
    }

    /**
     * Without keys: who signs has a short-lived certificate that names an identity.
     *
     * @throws IllegalArgumentException if the keyless module is not installed, or the trusted root cannot be read
     */
    public static SignatureVerifier of(KeylessIdentity identity) {
        return new SignatureVerifier(CertificateHolders.of(identity));
    }

    /**
     * @param repository where the signatures are: the subject's repository, or a cached model's evidence
     * @param subject the manifest's digest; a tag is never verified, it may move
     * @throws NoSignature if nobody signed
     * @throws SignatureInvalid if there are signatures and none holds, saying why of each
     */
    public Verified verify(Repository repository, Digest subject) {
        var checked = new ArrayList<Checked>();
        Optional<RegistryUnavailable> unread = Optional.empty();
        try {
            checked.addAll(new CosignV2(repository, signatories).check(subject));
        } catch (RegistryUnavailable e) {
            // A mirror that has the model need not have this tag; the other form may be enough.
            unread = Optional.of(e);
        }
        for (Checked result : checked) {
            if (result instanceof Checked.Holds holds) {
                return holds.by();
            }
        }
        checked.addAll(new CosignV3(repository, signatories).check(subject));
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
        if (unread.isPresent()) {
            throw unread.get();
        }
        String artifact = repository.reference().withDigest(subject).toString();
        if (rejected.isEmpty()) {
            throw new NoSignature(artifact + " is not signed"
                    + (others.isEmpty() ? "" : " (attached is only: " + listed(others) + ")")
                    + "; sign it with '" + signatories.command() + " " + artifact + "'");
        }
        throw new SignatureInvalid("No signature of " + artifact + " holds for " + signatories.described() + ": "
                + listed(rejected) + ". " + signatories.advice());
    }

    /** What those who are trusted attest of a manifest, whatever it is; what does not hold is left out. */
    public List<VerifiedAttestation> attestations(Repository repository, Digest subject) {
        return Attestations.of(repository, subject, signatories).held();
    }

    /**
     * Demands one attestation of each type, by somebody trusted and about exactly this manifest.
     *
     * @return those that hold, in the order of the types; of several of one type, the one that {@link ScanReport} takes for
     *     the newest scan, else the first
     * @throws NoAttestation if there is nothing that could be one of a type, naming it
     * @throws AttestationInvalid if a type is missing and something attached does not hold, saying why of each
     */
    public List<VerifiedAttestation> requireAttestations(
            Repository repository, Digest subject, Collection<AttestationType> types) {
        if (types.isEmpty()) {
            return List.of();
        }
        Attestations all = Attestations.of(repository, subject, signatories);
        return types.stream()
                .map(type -> {
                    List<VerifiedAttestation> some = all.held().stream()
                            .filter(a -> a.predicateType().equals(type.predicateType()))
                            .toList();
                    if (some.isEmpty()) {
                        throw missing(repository, subject, type, all);
                    }
                    return type == AttestationType.VULN ? ScanReport.newest(some) : some.getFirst();
                })
                .toList();
    }

    private ArtifactException missing(Repository repository, Digest subject, AttestationType type, Attestations all) {
        if (all.unread().isPresent()) {
            return all.unread().get();
        }
        String artifact = repository.reference().withDigest(subject).toString();
        String others = listed(
                all.held().stream().map(VerifiedAttestation::predicateType).toList());
        String message = artifact + " has no attestation of the type " + type.flag() + " (" + type.predicateType()
                + ") by " + signatories.described()
                + (others.isEmpty() ? "" : "; what is attested is only: " + others)
                + (all.rejected().isEmpty() ? "" : "; rejected: " + listed(all.rejected()))
                + ". Attach one with 'kubectl model attest --type " + type.flag() + "' or 'cosign attest'";
        return all.rejected().isEmpty() ? new NoAttestation(message) : new AttestationInvalid(message);
    }

    private static String listed(List<String> all) {
        String some = all.stream().distinct().limit(5).collect(Collectors.joining("; "));
        return all.stream().distinct().count() > 5 ? some + "; ..." : some;
    }
}
