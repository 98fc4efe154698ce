package health.vantage.models.runner.store;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.NoAttestation;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.cache.Watermarks;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.runner.model.ModelContract;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Registries and OCI layout folders, with the node's content-addressed cache before them. */
public final class ArtifactStore implements ModelStore {
    private final Repositories repositories;
    private final NodeCache cache;

    public ArtifactStore(Repositories repositories, NodeCache cache) {
        this.repositories = repositories;
        this.cache = cache;
    }

    @Override
    public StoredModel fetch(String repository, Digest digest, TrustPolicy policy, PullListener listener) {
        // Before the pull: gigabytes that nobody could check are not worth moving.
        TrustPolicy.Opened opened = policy.open();
        Repository source = repositories.open(Reference.parse(repository));
        CachedModel model = cache.pull(source, digest, listener);
        check(model, source, digest, opened);
        return stored(model);
    }

    /** From what lies beside the blobs, so that the check works when the registry is away; else by what was signed since. */
    private void check(CachedModel model, Repository source, Digest digest, TrustPolicy.Opened policy) {
        try {
            policy.check(model.evidence(), digest);
        } catch (NoSignature | NoAttestation | SignatureInvalid | AttestationInvalid stale) {
            try {
                policy.check(source, digest);
                cache.refreshSignatures(source, digest);
            } catch (ArtifactException e) {
                boolean foundWanting = stale instanceof SignatureInvalid || stale instanceof AttestationInvalid;
                // A registry that is away says nothing new of what was seen; whether there is more, it alone knows.
                throw e.transientFailure() && foundWanting ? stale : e;
            }
        }
    }

    @Override
    public StoredModel verified(Digest digest) {
        return stored(cache.verify(digest));
    }

    @Override
    public Optional<String> format(Digest digest) {
        return cache.find(digest).map(model -> model.metadata().model().format().jsonName());
    }

    @Override
    public void prune(Set<Digest> keep) {
        cache.prune(keep);
    }

    @Override
    public void makeRoom(Set<Digest> keep) {
        cache.prune(keep, Watermarks.NO_SPARE);
    }

    @Override
    public Contents contents() {
        List<CachedModel> models = cache.contents();
        return new Contents(
                models.stream().map(CachedModel::digest).toList(),
                models.stream().mapToLong(CachedModel::sizeBytes).sum(),
                cache.freeBytes());
    }

    private static StoredModel stored(CachedModel model) {
        return new StoredModel(model.digest(), ModelContract.of(model.metadata()), model.folder());
    }
}
