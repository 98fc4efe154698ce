package health.vantage.models.artifact.model;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads a model's metadata without moving its weights: from the manifest's annotation, or, for a plain container image,
 * from its config's label.
 */
public final class ModelReader {
    private static final int LARGEST_CONFIG = 4 << 20;
    private static final int MOST_CHOICES = 8;
    private static final Set<String> IMAGE_CONFIGS = Set.of(MediaTypes.OCI_CONFIG, MediaTypes.DOCKER_CONFIG);

    private ModelReader() {}

    /**
     * @throws UnsupportedArtifact if the manifest is not a model's
     * @throws InvalidMetadata if it is, and its metadata is wrong
     */
    public static ModelArtifact read(Repository repository, FetchedManifest fetched) {
        String where = repository.reference().withDigest(fetched.digest()).toString();
        if (!(fetched.parsed() instanceof Manifest.Artifact manifest)) {
            throw new UnsupportedArtifact(
                    where + " is an index of several manifests, not one model; choose a variant" + variants(fetched));
        }
        checkInline(manifest.config(), where);
        byte[] json = annotation(manifest)
                .or(() -> label(repository, manifest))
                .or(() -> ImageMetadataFile.find(repository, manifest))
                .orElseThrow(
                        () -> new UnsupportedArtifact(where + " is not a model: it has neither the manifest annotation "
                                + ModelMetadata.ANNOTATION + ", nor (as an image) the label "
                                + ModelMetadata.IMAGE_LABEL + " or the file "
                                + ImageMetadataFile.PATH + ImageMetadataFile.notSearched(manifest)
                                + "; pack it with 'kubectl model pack'"));
        try {
            return new ModelArtifact(fetched.digest(), manifest, ModelMetadata.parse(json));
        } catch (InvalidMetadata e) {
            throw new InvalidMetadata(
                    "The metadata of " + where + " is not valid: " + String.join("; ", e.problems()), e.problems());
        }
    }

    /** How to go on: each variant's digest, where the index tells them apart. */
    private static String variants(FetchedManifest fetched) {
        if (!(fetched.parsed() instanceof Manifest.Index index)) {
            return "";
        }
        String choices = index.manifests().stream()
                .filter(entry ->
                        entry.annotation(ModelMetadata.VARIANT_ANNOTATION).isPresent())
                .limit(MOST_CHOICES)
                .map(entry -> entry.annotation(ModelMetadata.VARIANT_ANNOTATION).get() + " is @" + entry.digest())
                .collect(Collectors.joining(", "));
        return choices.isEmpty() ? "" : ": " + choices;
    }

    private static Optional<byte[]> annotation(Manifest.Artifact manifest) {
        return Optional.ofNullable(manifest.annotations().get(ModelMetadata.ANNOTATION))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<byte[]> label(Repository repository, Manifest.Artifact manifest) {
        if (!IMAGE_CONFIGS.contains(manifest.config().mediaType())) {
            return Optional.empty();
        }
        byte[] config = repository.smallBlob(manifest.config(), LARGEST_CONFIG);
        try {
            String label = Json.object(config)
                    .path("config")
                    .path("Labels")
                    .path(ModelMetadata.IMAGE_LABEL)
                    .asText("");
            return label.isEmpty() ? Optional.empty() : Optional.of(label.getBytes(StandardCharsets.UTF_8));
        } catch (Json.NotJson e) {
            throw new UnsupportedArtifact(
                    "The config " + manifest.config().digest() + " in " + repository.reference() + " is "
                            + e.getMessage(),
                    e);
        }
    }

    /** Inline content is under the manifest's digest, but its own digest is what everybody else goes by. */
    private static void checkInline(Descriptor config, String where) {
        if (config.data().isEmpty()) {
            return;
        }
        byte[] inline;
        try {
            inline = Base64.getDecoder().decode(config.data().get());
        } catch (IllegalArgumentException e) {
            throw new IntegrityMismatch("The inline config of " + where + " is not base64; pack the model again", e);
        }
        if (inline.length != config.size() || !Digest.of(inline).equals(config.digest())) {
            throw new IntegrityMismatch("The inline config of " + where + " has the digest " + Digest.of(inline)
                    + ", not " + config.digest() + "; the manifest contradicts itself, pack the model again");
        }
    }
}
