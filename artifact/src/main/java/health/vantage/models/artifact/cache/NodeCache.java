package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The models on one node's disk, by digest. Several processes may use one folder. */
public final class NodeCache implements AutoCloseable {
    private final Path folder;
    private final CacheLimits limits;

    private NodeCache(Path folder, CacheLimits limits) {
        this.folder = folder;
        this.limits = limits;
    }

    public static NodeCache open(Path folder, CacheLimits limits) {
        return new NodeCache(folder, limits);
    }

    /** The whole model, pulled if it is not here; what is here already, also of an interrupted pull, is not moved again. */
    public CachedModel pull(Repository repository, Digest digest, PullListener listener) {
        throw new UnsupportedOperationException("Pulling " + digest + " into " + folder + limits);
    }

    /** The model if all of it is here; does not read the weights, see {@link #verify}. */
    public Optional<CachedModel> find(Digest digest) {
        throw new UnsupportedOperationException("Finding " + digest);
    }

    /**
     * Hashes every file.
     *
     * @throws health.vantage.models.artifact.ArtifactException.IntegrityMismatch naming the files that are damaged; they
     *     are removed, so that the next {@link #pull} heals the model
     * @throws health.vantage.models.artifact.ArtifactException.DigestNotFound if the model is not here
     */
    public CachedModel verify(Digest digest) {
        throw new UnsupportedOperationException("Verifying " + digest);
    }

    /** Removes every model and every partial download but these. */
    public void prune(Set<Digest> keep) {
        throw new UnsupportedOperationException("Pruning all but " + keep);
    }

    /** Bytes a pull may still use. */
    public long freeBytes() {
        throw new UnsupportedOperationException("Free bytes of " + folder);
    }

    /** Every whole model here, in the order of their digests. */
    public List<CachedModel> contents() {
        throw new UnsupportedOperationException("Contents of " + folder);
    }

    @Override
    public void close() {}
}
