package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds the one version, and its artifact per variant, that a selector asks for. Stateless. */
public final class Resolver {
    private static final int MOST_VARIANTS = 32;

    /**
     * Reads manifests only: a few KB per variant.
     *
     * @param variants every variant that must be there, such as {@code [jetson, rtx]}
     * @throws health.vantage.models.artifact.ArtifactException.TagNotFound naming the tag, and tags like it
     * @throws AmbiguousTags if several artifacts answer, or the variants are at different versions
     * @throws health.vantage.models.artifact.ArtifactException.MetadataMismatch if a tag's artifact is something else
     * @throws IllegalArgumentException if the variants cannot be part of a tag, or there are none
     */
    public Resolution resolve(Repository repository, Selector selector, List<String> variants) {
        check(variants);
        var why = new ArrayList<String>();
        SortedMap<String, Found> found =
                switch (selector) {
                    case Selector.Capabilities wanted -> byCapabilities(repository, wanted, variants, why);
                    case Selector.VersionRange range -> new VersionSearch(repository, range, variants).find(why);
                    case Selector.Pinned pinned -> {
                        why.add("its digest was asked for");
                        yield PinnedSearch.find(repository, pinned.digest(), variants);
                    }
                };
        String version = agreedVersion(repository, found);
        var resolved = new TreeMap<String, ResolvedArtifact>();
        found.forEach((variant, f) -> resolved.put(variant, f.resolved(variant)));
        return new Resolution(version, resolved, why);
    }

    private static SortedMap<String, Found> byCapabilities(
            Repository repository, Selector.Capabilities wanted, List<String> variants, List<String> why) {
        var search = new CapabilitySearch(repository, wanted.capabilities());
        var found = new TreeMap<String, Found>();
        for (String variant : variants) {
            Found one = search.find(variant);
            found.put(variant, one);
            why.add("for " + variant + " the tag '" + one.label() + "' leads to "
                    + one.model().metadata().version() + ", whose metadata lists "
                    + String.join(", ", one.model().metadata().capabilities()));
        }
        return found;
    }

    /** A rollout is of one version: a half-published release waits until the other half is there. */
    private static String agreedVersion(Repository repository, SortedMap<String, Found> found) {
        var versions = new TreeSet<String>();
        found.values().forEach(f -> versions.add(f.model().metadata().version()));
        if (versions.size() > 1) {
            throw new AmbiguousTags("The variants in " + repository.reference() + " are at different versions: "
                    + found.values().stream()
                            .map(f -> f.label() + " is " + f.model().metadata().version())
                            .collect(Collectors.joining(", "))
                    + ". Publish every variant of one version, then they are rolled out together");
        }
        return versions.first();
    }

    private static void check(List<String> variants) {
        if (variants.isEmpty() || variants.size() > MOST_VARIANTS) {
            throw new IllegalArgumentException(
                    "1 to " + MOST_VARIANTS + " variants can be resolved, not " + variants.size());
        }
        for (String variant : variants) {
            if (!Reference.isTag(variant)) {
                throw new IllegalArgumentException("'" + variant + "' is not a variant: it must be able to end a tag");
            }
        }
        if (new HashSet<>(variants).size() != variants.size()) {
            throw new IllegalArgumentException("A variant is asked for twice: " + String.join(", ", variants));
        }
    }
}
