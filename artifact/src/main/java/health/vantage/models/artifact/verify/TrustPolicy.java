package health.vantage.models.artifact.verify;

import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.KeyMissing;
import health.vantage.models.artifact.ArtifactException.NoAttestation;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a model must come with: who signed it, and what they attest of it. The operator and every node apply the same one.
 *
 * @param publicKeys PEM; any one suffices
 * @param keyless the identity in place of keys; both empty: nothing is demanded
 * @param attestations by the same key or identity, each about exactly the model's digest
 * @param maxSeverity the worst finding that a demanded {@link AttestationType#VULN} may have; empty for any
 */
public record TrustPolicy(
        List<String> publicKeys,
        Optional<KeylessIdentity> keyless,
        List<AttestationType> attestations,
        Optional<Severity> maxSeverity) {
    /** Takes everything. */
    public static final TrustPolicy NONE = new TrustPolicy(List.of(), Optional.empty(), List.of(), Optional.empty());

    public TrustPolicy {
        publicKeys = List.copyOf(publicKeys);
        attestations = attestations.stream().distinct().toList();
        if (!publicKeys.isEmpty() && keyless.isPresent()) {
            throw new IllegalArgumentException("Either public keys vouch for a model or an identity, not both");
        }
        if (!attestations.isEmpty() && publicKeys.isEmpty() && keyless.isEmpty()) {
            throw new IllegalArgumentException(
                    "Attestations are demanded, but of nobody: name a public key or a keyless identity");
        }
        if (maxSeverity.isPresent() && !attestations.contains(AttestationType.VULN)) {
            throw new IllegalArgumentException(
                    "A severity is limited, but no attestation of the type vuln is demanded");
        }
    }

    public static TrustPolicy keys(List<String> pems) {
        return new TrustPolicy(pems, Optional.empty(), List.of(), Optional.empty());
    }

    /**
     * As files and APIs spell it.
     *
     * @param attestations by cosign's names
     * @param maxSeverity null for any
     * @throws IllegalArgumentException for a word that is not known, listing those that are
     */
    public static TrustPolicy parse(
            List<String> publicKeys, Optional<KeylessIdentity> keyless, List<String> attestations, String maxSeverity) {
        Optional<Severity> most = Optional.ofNullable(maxSeverity).map(word -> Severity.of(word)
                .orElseThrow(() -> new IllegalArgumentException(
                        "There is no severity '" + word + "'; there are " + Arrays.toString(Severity.values()))));
        return new TrustPolicy(
                publicKeys,
                keyless,
                attestations.stream().map(AttestationType::of).toList(),
                most);
    }

    public boolean demandsNothing() {
        return publicKeys.isEmpty() && keyless.isEmpty();
    }

    /**
     * Ready to check several artifacts.
     *
     * @throws KeyMissing if a key or trusted root cannot be read, or the keyless module is not installed
     */
    public Opened open() {
        if (demandsNothing()) {
            return (_, _) -> Optional.empty();
        }
        try {
            SignatureVerifier verifier =
                    keyless.map(SignatureVerifier::of).orElseGet(() -> SignatureVerifier.of(publicKeys));
            return (repository, subject) -> Optional.of(demand(verifier, repository, subject));
        } catch (IllegalArgumentException e) {
            throw new KeyMissing("Nothing can be verified: " + e.getMessage(), e);
        }
    }

    /** A policy whose keys or roots have been read. */
    @FunctionalInterface
    public interface Opened {
        /**
         * @param repository where signatures and attestations are: a registry, or a cached model's evidence
         * @return who signed and attests; empty where nothing is demanded
         * @throws NoSignature if nobody signed
         * @throws SignatureInvalid if nobody trusted did
         * @throws NoAttestation if a demanded one is not there
         * @throws AttestationInvalid if one does not hold, or says too much
         */
        Optional<Vouched> check(Repository repository, Digest subject);
    }

    private Vouched demand(SignatureVerifier verifier, Repository repository, Digest subject) {
        Verified signed = verifier.verify(repository, subject);
        List<VerifiedAttestation> attested = verifier.requireAttestations(repository, subject, attestations);
        for (VerifiedAttestation held : attested) {
            if (held.predicateType().equals(AttestationType.VULN.predicateType())) {
                maxSeverity.ifPresent(most -> limit(held, most, repository, subject));
            }
        }
        return new Vouched(signed, attested);
    }

    private static void limit(VerifiedAttestation scan, Severity most, Repository repository, Digest subject) {
        String artifact = repository.reference().withDigest(subject).toString();
        Severity worst = ScanReport.worst(scan.predicate())
                .orElseThrow(() -> new AttestationInvalid("The vulnerability scan of " + artifact
                        + " does not say how severe its findings are; attest the JSON report of Trivy or Grype in"
                        + " cosign's vuln predicate ('trivy --format cosign-vuln')"));
        if (worst.compareTo(most) > 0) {
            throw new AttestationInvalid("The vulnerability scan of " + artifact + " has a finding of severity " + worst
                    + ", and at most " + most + " is allowed; release a model without it, or attest a newer scan");
        }
    }
}
