package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.ArtifactException.MetadataMismatch;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.TagNames;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Selector.VersionRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.semver4j.Semver;

/**
 * Finds the newest version in a range that has every variant.
 *
 * <p>To semver, {@code 2.4.1-jetson} is a prerelease of 2.4.1, which no normal range matches: so the variant is split off
 * before the version is read.
 */
final class VersionSearch {
    private static final int MOST_SAID = 20;

    private final Repository repository;
    private final VersionRange range;
    private final List<String> variants;

    VersionSearch(Repository repository, VersionRange range, List<String> variants) {
        this.repository = repository;
        this.range = range;
        this.variants = variants;
    }

    /** The tags of one version: the release index, and aliases by variant. */
    private static final class Release {
        private Optional<String> index = Optional.empty();
        private final Map<String, String> aliases = new HashMap<>();
    }

    /** @param why takes what newer was passed over, and that this one was not */
    SortedMap<String, Found> find(List<String> why) {
        SortedMap<Semver, Release> releases = releases();
        List<String> lacking = new ArrayList<>();
        for (var entry : releases.entrySet()) {
            SortedMap<String, Found> found = complete(entry.getKey(), entry.getValue());
            if (found.size() == variants.size()) {
                why.addAll(lacking);
                why.add(entry.getKey() + " is the newest of " + releases.size() + " in the range '" + range.range()
                        + "' with every variant");
                return found;
            }
            String missing =
                    variants.stream().filter(v -> !found.containsKey(v)).collect(Collectors.joining(", "));
            if (lacking.size() < MOST_SAID) {
                lacking.add(entry.getKey() + " lacks " + missing);
            }
        }
        String reference = repository.reference().toString();
        if (releases.isEmpty()) {
            throw new TagNotFound(
                    range.range(),
                    List.of(),
                    "No version in " + reference + " is in the range '" + range.range()
                            + "'; push one, or widen the range");
        }
        throw new TagNotFound(
                range.range(),
                List.of(),
                "No version of " + reference + " in the range '" + range.range() + "' has the variants "
                        + String.join(", ", variants) + ": " + String.join("; ", lacking) + ". Push what is missing");
    }

    private SortedMap<Semver, Release> releases() {
        SortedMap<Semver, Release> releases = new TreeMap<>(Comparator.reverseOrder());
        for (String tag : repository.tags()) {
            if (TagNames.isBookkeeping(tag)) {
                continue;
            }
            Optional<String> variant =
                    variants.stream().filter(v -> tag.endsWith("-" + v)).max(Comparator.comparingInt(String::length));
            String bare = variant.map(v -> tag.substring(0, tag.length() - v.length() - 1))
                    .orElse(tag);
            TagNames.version(bare).filter(range::contains).ifPresent(version -> {
                Release release = releases.computeIfAbsent(version, v -> new Release());
                variant.ifPresentOrElse(v -> release.aliases.put(v, tag), () -> release.index = Optional.of(tag));
            });
        }
        return releases;
    }

    private SortedMap<String, Found> complete(Semver version, Release release) {
        SortedMap<String, Found> found = new TreeMap<>();
        Optional<FetchedManifest> index = release.index.map(repository::manifest);
        for (String variant : variants) {
            Optional<Found> viaIndex = index.flatMap(i -> one(i, variant, release.index.get()));
            String alias = release.aliases.get(variant);
            Optional<Found> viaAlias = viaIndex.isPresent() || alias == null
                    ? Optional.empty()
                    : one(repository.manifest(alias), variant, alias);
            if (viaIndex.isPresent() && alias != null) {
                checkAgreement(viaIndex.get(), alias);
            }
            viaIndex.or(() -> viaAlias).ifPresent(f -> found.put(variant, checked(f, version, variant)));
        }
        return found;
    }

    private void checkAgreement(Found viaIndex, String alias) {
        var aliased = repository.head(alias);
        if (!aliased.equals(viaIndex.model().digest())) {
            throw new AmbiguousTags("In " + repository.reference() + " the tag '" + alias + "' is " + aliased
                    + ", but the release index '" + viaIndex.label() + "' has "
                    + viaIndex.model().digest() + " for that variant. Make them agree");
        }
    }

    private Optional<Found> one(FetchedManifest fetched, String variant, String tag) {
        List<ModelArtifact> models = VariantLookup.find(repository, fetched, variant).stream()
                // A plain tag may hold a single variant that is not this one.
                .filter(m -> m.metadata().variant().equals(variant) || tag.endsWith("-" + variant))
                .toList();
        if (models.size() > 1) {
            throw new AmbiguousTags("The release index '" + tag + "' in " + repository.reference()
                    + " has several manifests for the variant '" + variant + "': "
                    + models.stream().map(m -> m.digest().toString()).collect(Collectors.joining(", "))
                    + ". Push it again with one");
        }
        return models.stream().map(model -> Found.byTag(model, tag)).findFirst();
    }

    private Found checked(Found found, Semver version, String variant) {
        ModelMetadata metadata = found.model().metadata();
        String name = repository.reference().name();
        boolean same = metadata.name().equals(name)
                && metadata.variant().equals(variant)
                && Optional.ofNullable(Semver.parse(metadata.version()))
                        .filter(version::equals)
                        .isPresent();
        if (!same) {
            throw new MetadataMismatch("The tag '" + found.label() + "' in " + repository.reference() + " should be "
                    + name + " " + version + " for " + variant + ", but its metadata says " + metadata.name() + " "
                    + metadata.version() + " for " + metadata.variant() + " ("
                    + found.model().digest()
                    + "). Move the tag back");
        }
        return found;
    }
}
