package health.vantage.models.runner.store;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.runner.model.ModelContract;
import java.util.List;
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
        CachedModel model = cache.pull(repositories.open(Reference.parse(repository)), digest, listener);
        if (!publicKeys.isEmpty()) {
            // From what lies beside the blobs: the same check works when the registry is away.
            SignatureVerifier.of(publicKeys).verify(model.evidence(), digest);
        }
        return stored(model);
    }

    @Override
    public StoredModel verified(Digest digest) {
        return stored(cache.verify(digest));
    }

    @Override
    public void prune(Set<Digest> keep) {
        cache.prune(keep);
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
