package health.vantage.models.operator.resolve;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.api.ModelSource;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolution;
import health.vantage.models.artifact.resolve.ResolvedArtifact;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Verified;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.runtime.OperatorConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the registry: which digests does this spec mean, and are they signed. */
@ApplicationScoped
public class Registry {
    private final Repositories repositories;
    private final PublicKeys publicKeys;
    private final boolean requireSignatures;

    public Registry(Repositories repositories, PublicKeys publicKeys, OperatorConfig config) {
        this.repositories = repositories;
        this.publicKeys = publicKeys;
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
        PublicKeys.Keys keys = publicKeys.of(deployment);
        return switch (keys) {
            case PublicKeys.Missing missing -> new Resolved.Unverified(Reason.KeyMissing, missing.message());
            case PublicKeys.None _
            when requireSignatures ->
                new Resolved.Unverified(
                        Reason.KeyMissing,
                        "spec.verify.publicKeys is not set, and this operator accepts signed models only: add the"
                                + " publisher's cosign key (or install with requireSignatures=false)");
            case PublicKeys.None _ ->
                new Resolved.Revision(Revisions.build(deployment, tiers, resolution, Map.of()), List.of(), "");
            case PublicKeys.Found found -> verify(deployment, tiers, repository, resolution, found.pems());
        };
    }

    private static Resolved verify(
            ModelDeployment deployment,
            Map<String, ComputeTier> tiers,
            Repository repository,
            Resolution resolution,
            List<String> pems) {
        var signers = new HashMap<Digest, String>();
        try {
            SignatureVerifier verifier = SignatureVerifier.of(pems);
            for (ResolvedArtifact artifact : resolution.byVariant().values()) {
                Verified verified = verifier.verify(repository, artifact.digest());
                signers.put(artifact.digest(), verified.keyId() + " (" + verified.form() + ")");
            }
        } catch (IllegalArgumentException e) {
            return new Resolved.Unverified(Reason.KeyMissing, "spec.verify.publicKeys: " + e.getMessage());
        } catch (ArtifactException.NoSignature e) {
            return new Resolved.Unverified(Reason.NoSignature, e.getMessage());
        } catch (ArtifactException.SignatureInvalid e) {
            return new Resolved.Unverified(Reason.SignatureInvalid, e.getMessage());
        } catch (ArtifactException e) {
            return unresolved(e);
        }
        ModelRevisionSpec spec =
                Revisions.build(deployment, tiers, resolution, signers).getSpec();
        String by = spec.artifacts().stream()
                .map(TierArtifact::signedBy)
                .distinct()
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
        return new Resolved.Revision(Revisions.build(deployment, tiers, resolution, signers), pems, by);
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
