package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repository that is read from its mirrors in their order, and from the registry it is named after where they do not
 * have it; written only there. Source: containers-registries.conf(5).
 *
 * <p>A mirror is trusted no more than the network: what is asked for by digest is checked wherever it came from. Lists
 * (tags, referrers) are joined, because a mirror may hold only a part, and a signature that is missing would look like a
 * model that nobody signed. Under a <em>tag</em> a mirror answers what it last saw.
 */
final class MirroredRepository implements Repository {
    private static final Logger LOG = LoggerFactory.getLogger(MirroredRepository.class);

    /** In the order in which they are asked; the last one is the registry itself. */
    private final List<Repository> places;

    private final Repository origin;
    private final Outages outages;
    private final Map<Digest, Repository> gave = new ConcurrentHashMap<>();
    private final Map<Digest, Set<Repository>> distrusted = new ConcurrentHashMap<>();

    MirroredRepository(List<Repository> mirrors, Repository origin, Outages outages) {
        var all = new ArrayList<>(mirrors);
        all.add(origin);
        this.places = List.copyOf(all);
        this.origin = origin;
        this.outages = outages;
    }

    private <T> T first(List<Repository> among, Function<Repository, T> question) {
        var failures = new ArrayList<ArtifactException>();
        for (Repository place : outages.reachableFirst(among)) {
            try {
                T answer = question.apply(place);
                outages.over(place);
                return answer;
            } catch (ArtifactException e) {
                note(place, e);
                // What the registry itself says is the answer; a mirror that lacks something proves nothing.
                failures.add(place == origin ? 0 : failures.size(), e);
            }
        }
        throw failed(failures);
    }

    private <T> List<T> joined(Function<Repository, List<T>> question) {
        Set<T> all = new LinkedHashSet<>();
        var failures = new ArrayList<ArtifactException>();
        boolean answered = false;
        for (Repository place : outages.reachableFirst(places)) {
            if (answered && outages.isOut(place)) {
                continue;
            }
            try {
                all.addAll(question.apply(place));
                outages.over(place);
                answered = true;
            } catch (ArtifactException e) {
                note(place, e);
                failures.add(place == origin ? 0 : failures.size(), e);
            }
        }
        if (!answered) {
            throw failed(failures);
        }
        return List.copyOf(all);
    }

    private void note(Repository place, ArtifactException e) {
        if (Thread.currentThread().isInterrupted()) {
            throw e;
        }
        if (e instanceof RegistryUnavailable) {
            outages.begins(place);
        }
        LOG.debug("{} does not give it, the next place is asked: {}", place.reference(), e.getMessage());
    }

    private static ArtifactException failed(List<ArtifactException> failures) {
        ArtifactException decisive = failures.getFirst();
        failures.stream().skip(1).forEach(decisive::addSuppressed);
        return decisive;
    }

    @Override
    public Reference reference() {
        return origin.reference();
    }

    @Override
    public FetchedManifest manifest(String tagOrDigest) {
        return first(places, place -> place.manifest(tagOrDigest));
    }

    @Override
    public Digest head(String tagOrDigest) {
        return first(places, place -> place.head(tagOrDigest));
    }

    @Override
    public List<String> tags() {
        return joined(Repository::tags);
    }

    @Override
    public List<Descriptor> referrers(Digest subject) {
        return Referrers.distinct(joined(place -> place.referrers(subject)));
    }

    @Override
    public InputStream openBlob(Descriptor blob, long offset) {
        return first(trusted(blob.digest()), place -> {
            InputStream in = place.openBlob(blob, offset);
            gave.put(blob.digest(), place);
            return in;
        });
    }

    @Override
    public byte[] smallBlob(Descriptor blob, int most) {
        return first(places, place -> place.smallBlob(blob, most));
    }

    private List<Repository> trusted(Digest blob) {
        Collection<Repository> not = distrusted.getOrDefault(blob, Set.of());
        return places.stream().filter(place -> !not.contains(place)).toList();
    }

    @Override
    public boolean distrust(Digest blob) {
        Repository liar = gave.get(blob);
        if (liar == null) {
            return false;
        }
        distrusted.computeIfAbsent(blob, d -> ConcurrentHashMap.newKeySet()).add(liar);
        LOG.warn("{} gives other bytes than {} says; it is not asked for them again", liar.reference(), blob);
        return !trusted(blob).isEmpty();
    }

    // Whether something has to be pushed is decided by where it would be pushed to.

    @Override
    public boolean hasBlob(Digest digest) {
        return origin.hasBlob(digest);
    }

    @Override
    public void putBlob(Descriptor blob, BlobSource content) {
        origin.putBlob(blob, content);
    }

    @Override
    public boolean mount(Digest blob, Reference from) {
        return origin.mount(blob, from);
    }

    @Override
    public Digest putManifest(String tagOrDigest, String mediaType, byte[] bytes) {
        return origin.putManifest(tagOrDigest, mediaType, bytes);
    }

    @Override
    public void deleteManifest(Digest digest) {
        origin.deleteManifest(digest);
    }
}
