package health.vantage.models.runner.workstation;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.runner.store.ModelStore;
import health.vantage.models.runner.store.StoredModel;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A store that keeps what was prefetched as well: without a network nobody could bring it back. */
public record KeepingStore(ModelStore store, Answers answers) implements ModelStore {
    @Override
    public StoredModel fetch(String repository, Digest digest, TrustPolicy policy, PullListener listener) {
        return store.fetch(repository, digest, policy, listener);
    }

    @Override
    public StoredModel verified(Digest digest) {
        return store.verified(digest);
    }

    @Override
    public Optional<String> format(Digest digest) {
        return store.format(digest);
    }

    @Override
    public void prune(Set<Digest> keep) {
        store.prune(withPrefetched(keep));
    }

    @Override
    public void makeRoom(Set<Digest> keep) {
        store.makeRoom(withPrefetched(keep));
    }

    private Set<Digest> withPrefetched(Set<Digest> keep) {
        Set<Digest> all = new HashSet<>(keep);
        all.addAll(answers.digests());
        return all;
    }

    @Override
    public Contents contents() {
        return store.contents();
    }
}
