package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.ArtifactException.MetadataMismatch;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the artifact behind the moving tags {@code <capability>-<variant>}.
 *
 * <p>A signature covers a digest, not a tag: whoever can move a tag could let {@code cv3-jetson} point at any old, signed
 * model. So a candidate counts only if its own metadata says the same as the tag.
 */
final class CapabilitySearch {
    private final Repository repository;
    private final List<String> capabilities;

    CapabilitySearch(Repository repository, List<String> capabilities) {
        this.repository = repository;
        this.capabilities = capabilities;
    }

    Found find(String variant) {
        Map<Digest, Found> candidates = candidates(variant);
        List<String> rejected = new ArrayList<>();
        List<Found> kept = new ArrayList<>();
        for (Found candidate : candidates.values()) {
            objection(candidate.model().metadata(), variant)
                    .ifPresentOrElse(
                            why -> rejected.add(
                                    candidate.label() + " (" + candidate.model().digest() + ") " + why),
                            () -> kept.add(candidate));
        }
        String asked = "'" + String.join("', '", capabilities) + "' for the variant '" + variant + "'";
        if (kept.isEmpty()) {
            throw new MetadataMismatch("No artifact in " + repository.reference() + " has " + asked + ": "
                    + (rejected.isEmpty() ? "the index has no entry of that variant" : String.join("; ", rejected))
                    + ". Move the tags to an artifact whose metadata says so");
        }
        if (kept.size() > 1) {
            throw new AmbiguousTags("Several artifacts in " + repository.reference() + " have " + asked + ": "
                    + kept.stream()
                            .map(f -> f.label() + " is " + f.model().metadata().version() + " ("
                                    + f.model().digest() + ")")
                            .collect(Collectors.joining(", "))
                    + ". Move the tags to one of them");
        }
        return kept.getFirst();
    }

    private Map<Digest, Found> candidates(String variant) {
        Map<Digest, Found> candidates = new LinkedHashMap<>();
        List<Digest> seen = new ArrayList<>();
        for (String capability : capabilities) {
            String tag = capability + "-" + variant;
            try {
                if (!seen.isEmpty() && seen.contains(repository.head(tag))) {
                    continue;
                }
                var fetched = repository.manifest(tag);
                seen.add(fetched.digest());
                VariantLookup.find(repository, fetched, variant)
                        .forEach(model -> candidates.putIfAbsent(model.digest(), Found.byTag(model, tag)));
            } catch (TagNotFound e) {
                throw missing(tag);
            }
        }
        return candidates;
    }

    private TagNotFound missing(String tag) {
        List<String> near = NearTags.of(tag, repository.tags());
        String hint = near.isEmpty()
                ? "the repository has no tag like it; push it, or correct the capabilities or the repository"
                : "did you mean " + near.stream().collect(Collectors.joining("', '", "'", "'")) + "?";
        return new TagNotFound(
                tag, near, "The tag '" + tag + "' does not exist in " + repository.reference() + "; " + hint);
    }

    /** Why this artifact is not what the tag says, as the end of a sentence. */
    private Optional<String> objection(ModelMetadata metadata, String variant) {
        String name = repository.reference().name();
        if (!metadata.name().equals(name)) {
            return Optional.of("is the model '" + metadata.name() + "', not '" + name + "'");
        }
        if (!metadata.variant().equals(variant)) {
            return Optional.of("is the variant '" + metadata.variant() + "', not '" + variant + "'");
        }
        List<String> lacking = capabilities.stream()
                .filter(c -> !metadata.capabilities().contains(c))
                .toList();
        return lacking.isEmpty()
                ? Optional.empty()
                : Optional.of("does not list the capability '" + String.join("', '", lacking) + "' (it has "
                        + (metadata.capabilities().isEmpty() ? "none" : String.join(", ", metadata.capabilities()))
                        + ")");
    }
}
