package health.vantage.models.operator.resolve;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.api.ModelSource;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolution;
import health.vantage.models.artifact.resolve.ResolvedArtifact;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.artifact.verify.Verified;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.runtime.OperatorConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the registry: which digests does this spec mean, and are they vouched for. */
@ApplicationScoped
public class Registry {
    private final Repositories repositories;
    private final Verifications verifications;
    private final boolean requireSignatures;

    public Registry(Repositories repositories, Verifications verifications, OperatorConfig config) {
        this.repositories = repositories;
        this.verifications = verifications;
        this.requireSignatures = config.requireSignatures();
    }

    /** The revision that the deployment's spec means now, or why there is none. Reads; writes nothing. */
    public Resolved resolve(ModelDeployment deployment, Map<String, ComputeTier> tiers) {
        ModelSource source = deployment.getSpec().model();
        Resolution resolution;
        Repository repository;
        try {
            Reference reference = Reference.parse(source.repository());
            repository = repositories.open(reference);
            List<String> variants = deployment.getSpec().tiers().stream()
                    .map(tier -> tiers.get(tier).getSpec().variant())
                    .distinct()
                    .toList();
            resolution = new Resolver().resolve(repository, selector(source), variants);
        } catch (IllegalArgumentException e) {
            return new Resolved.Unresolved(
                    Reason.InvalidSpec, "spec.model: " + e.getMessage(), false, Optional.empty());
        } catch (ArtifactException e) {
            return unresolved(e);
        }
        Verifications.Demanded demanded = verifications.of(deployment);
        return switch (demanded) {
            case Verifications.Missing missing -> new Resolved.Unverified(Reason.KeyMissing, missing.message());
            case Verifications.None _
            when requireSignatures ->
                new Resolved.Unverified(
                        Reason.KeyMissing,
                        "spec.verify is not set, and this operator accepts signed models only: add the"
                                + " publisher's cosign key or identity (or install with requireSignatures=false)");
            case Verifications.None _ ->
                new Resolved.Revision(Revisions.build(deployment, tiers, resolution, Map.of()), "");
            case Verifications.Found found -> verify(deployment, tiers, repository, resolution, found.verification());
        };
    }

    private static Resolved verify(
            ModelDeployment deployment,
            Map<String, ComputeTier> tiers,
            Repository repository,
            Resolution resolution,
            Verification verification) {
        var signers = new HashMap<Digest, String>();
        try {
            TrustPolicy.Opened policy = policy(verification).open();
            for (ResolvedArtifact artifact : resolution.byVariant().values()) {
                Verified verified = policy.check(repository, artifact.digest())
                        .orElseThrow()
                        .signed();
                signers.put(artifact.digest(), verified.signer() + " (" + verified.form() + ")");
            }
        } catch (IllegalArgumentException e) {
            return new Resolved.Unverified(Reason.InvalidSpec, "spec.verify: " + e.getMessage());
        } catch (ArtifactException e) {
            return refused(e);
        }
        ModelRevision revision = Revisions.build(deployment, tiers, resolution, signers);
        String by = revision.getSpec().artifacts().stream()
                .map(TierArtifact::signedBy)
                .distinct()
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
        List<String> attested = verification.attestations();
        return new Resolved.Revision(
                revision,
                "signed by " + (verification.keyless() == null ? "key " : "") + by
                        + (attested.isEmpty() ? "" : "; attested: " + String.join(", ", attested)));
    }

    private static Resolved refused(ArtifactException e) {
        return switch (e) {
            case ArtifactException.KeyMissing _ ->
                new Resolved.Unverified(Reason.KeyMissing, "spec.verify: " + e.getMessage());
            case ArtifactException.NoSignature _ -> new Resolved.Unverified(Reason.NoSignature, e.getMessage());
            case ArtifactException.SignatureInvalid _ ->
                new Resolved.Unverified(Reason.SignatureInvalid, e.getMessage());
            case ArtifactException.NoAttestation _ -> new Resolved.Unverified(Reason.NoAttestation, e.getMessage());
            case ArtifactException.AttestationInvalid _ ->
                new Resolved.Unverified(Reason.AttestationInvalid, e.getMessage());
            default -> unresolved(e);
        };
    }

    private static TrustPolicy policy(Verification wanted) {
        return TrustPolicy.parse(
                wanted.publicKeys(),
                Optional.ofNullable(wanted.keyless())
                        .map(k -> KeylessIdentity.of(
                                k.issuer(), k.issuerRegExp(), k.subject(), k.subjectRegExp(), k.trustedRoot())),
                wanted.attestations(),
                wanted.maxSeverity());
    }

    private static Selector selector(ModelSource source) {
        if (source.capabilities() != null) {
            return new Selector.Capabilities(source.capabilities());
        }
        return source.version() != null
                ? new Selector.VersionRange(source.version())
                : new Selector.Pinned(Digest.parse(source.digest()));
    }

    private static Resolved.Unresolved unresolved(ArtifactException e) {
        Optional<Duration> retryAfter = e instanceof ArtifactException.RegistryUnavailable unavailable
                ? unavailable.retryAfter()
                : Optional.empty();
        return new Resolved.Unresolved(
                Reason.of(e.reason(), Reason.UnsupportedArtifact), e.getMessage(), e.transientFailure(), retryAfter);
    }
}
