package health.vantage.models.runner.store;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.cache.Watermarks;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.SignatureVerifier;
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
    public StoredModel fetch(String repository, Digest digest, List<String> publicKeys, PullListener listener) {
        Repository source = repositories.open(Reference.parse(repository));
        CachedModel model = cache.pull(source, digest, listener);
        if (!publicKeys.isEmpty()) {
            verify(model, source, digest, SignatureVerifier.of(publicKeys));
        }
        return stored(model);
    }

    /** From what lies beside the blobs, so that the check works when the registry is away; else by what was signed since. */
    private static void verify(CachedModel model, Repository source, Digest digest, SignatureVerifier verifier) {
        try {
            verifier.verify(model.evidence(), digest);
        } catch (ArtifactException.NoSignature | ArtifactException.SignatureInvalid stale) {
            try {
                verifier.verify(source, digest);
            } catch (ArtifactException e) {
                // A registry that is away says nothing new.
                throw e.transientFailure() ? stale : e;
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
