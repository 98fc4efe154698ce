package health.vantage.models.cli;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TagNames;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.semver4j.Semver;

/**
 * Every model in a repository, once each, with the tags that lead to it; and the tags that lead to none.
 *
 * @param models newest version first
 * @param others tags under which there is no model, with the reason
 * @param left tags that were not looked at
 */
record Catalog(List<Entry> models, Map<String, String> others, int left) {
    /** A registry far away is asked several things at once, but not overrun. */
    private static final int AT_ONCE = 8;

    /** @param tags in order; those of its image twins too */
    record Entry(ModelArtifact model, Set<String> tags) {
        /** Whether the moving tag of this capability is at this model now. */
        boolean current(String capability) {
            return tags.contains(capability + "-" + model.metadata().variant());
        }

        /** The tags that its name does not tell: neither its version nor its capabilities. */
        List<String> otherTags() {
            Set<String> known = new TreeSet<>();
            known.add(ModelPusher.alias(model.metadata()));
            model.metadata()
                    .capabilities()
                    .forEach(capability ->
                            known.add(capability + "-" + model.metadata().variant()));
            return tags.stream()
                    .filter(tag -> !known.contains(tag) && !TagNames.isBookkeeping(tag))
                    .toList();
        }

        /** Whether a container image with the same layers is beside it. */
        boolean hasImage() {
            return tags.stream().anyMatch(tag -> tags.contains(TagNames.twin(tag)));
        }

        private Semver version() {
            return Semver.parse(model.metadata().version());
        }
    }

    static Catalog read(Repository repository, List<String> all, int most) {
        List<String> wanted = all.stream()
                .filter(tag -> !TagNames.isBookkeeping(tag))
                .sorted()
                .toList();
        List<String> some = wanted.stream().limit(most).toList();
        Map<String, Digest> heads = inParallel(some, repository::head);
        Map<Digest, FetchedManifest> manifests = inParallel(heads.values(), repository::manifest);
        Set<Digest> inReleases = new LinkedHashSet<>();
        manifests.values().forEach(fetched -> {
            if (fetched.parsed() instanceof Manifest.Index index) {
                index.manifests().stream().map(entry -> entry.digest()).forEach(inReleases::add);
            }
        });
        inReleases.removeAll(manifests.keySet());
        Map<Digest, FetchedManifest> models = new LinkedHashMap<>(manifests);
        models.putAll(inParallel(inReleases, repository::manifest));
        models.values().removeIf(fetched -> fetched.parsed() instanceof Manifest.Index);
        return joined(
                heads,
                all,
                inParallel(models.keySet(), d -> read(repository, models.get(d))),
                wanted.size() - some.size());
    }

    /** A model, or why it is none. */
    private sealed interface Read {
        record Model(ModelArtifact artifact) implements Read {}

        record Other(String reason) implements Read {}
    }

    private static Read read(Repository repository, FetchedManifest fetched) {
        try {
            return new Read.Model(ModelReader.read(repository, fetched));
        } catch (ArtifactException.UnsupportedArtifact | ArtifactException.InvalidMetadata e) {
            return new Read.Other(e.reason());
        }
    }

    private static Catalog joined(Map<String, Digest> heads, List<String> all, Map<Digest, Read> read, int left) {
        var others = new TreeMap<String, String>();
        var tags = new LinkedHashMap<Digest, Set<String>>();
        heads.forEach((tag, digest) -> {
            Set<String> mine = tags.computeIfAbsent(digest, _ -> new TreeSet<>());
            mine.add(tag);
            if (all.contains(TagNames.twin(tag))) {
                mine.add(TagNames.twin(tag));
            }
            if (read.get(digest) instanceof Read.Other other) {
                others.put(tag, other.reason());
            }
        });
        List<Entry> entries = new ArrayList<>();
        read.forEach((digest, one) -> {
            if (one instanceof Read.Model model) {
                entries.add(new Entry(model.artifact(), tags.getOrDefault(digest, Set.of())));
            }
        });
        entries.sort(Comparator.comparing(Entry::version)
                .reversed()
                .thenComparing(entry -> entry.model().metadata().variant())
                .thenComparing(entry -> entry.model().digest().toString()));
        return new Catalog(entries, others, left);
    }

    /** What each gives, in their order; what one throws is thrown. */
    static <K, V> Map<K, V> inParallel(Iterable<K> keys, Function<K, V> ask) {
        Map<K, Future<V>> asked = new LinkedHashMap<>();
        Map<K, V> answers = new LinkedHashMap<>();
        // Not virtual: at its exit the JVM waits 0.3 s for what polls sockets on their behalf.
        try (var pool = Executors.newFixedThreadPool(
                AT_ONCE, Thread.ofPlatform().daemon().factory())) {
            keys.forEach(key -> asked.computeIfAbsent(key, k -> pool.submit(() -> ask.apply(k))));
            try {
                for (Map.Entry<K, Future<V>> entry : asked.entrySet()) {
                    answers.put(entry.getKey(), entry.getValue().get());
                }
            } catch (ExecutionException e) {
                pool.shutdownNow();
                throw e.getCause() instanceof RuntimeException runtime
                        ? runtime
                        : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                pool.shutdownNow();
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Listing was interrupted", e);
            }
        }
        return answers;
    }
}
