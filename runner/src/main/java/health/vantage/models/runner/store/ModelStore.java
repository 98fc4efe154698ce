package health.vantage.models.runner.store;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.verify.TrustPolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where models come from and stay. Every method may throw {@link ArtifactException}, whose reason and message go into the status. */
public interface ModelStore {
    /**
     * The model, pulled or healed from its repository where the disk does not have it whole, and checked against the policy, from what is kept beside it.
     *
     * @param repository without tag and digest
     */
    StoredModel fetch(String repository, Digest digest, TrustPolicy policy, PullListener listener);

    /** The model from the disk alone, every byte hashed; needs no network. */
    StoredModel verified(Digest digest);

    /** The format of a model on the disk, from its metadata alone; empty when it is not there. */
    Optional<String> format(Digest digest);

    /** Removes everything but these, as far as the store does not keep a spare. */
    void prune(Set<Digest> keep);

    /** Removes everything but these, because the room is needed. */
    void makeRoom(Set<Digest> keep);

    Contents contents();

    /** @param models whole models; @param usedBytes by them; @param freeBytes that a pull may still use */
    record Contents(List<Digest> models, long usedBytes, long freeBytes) {}
}
