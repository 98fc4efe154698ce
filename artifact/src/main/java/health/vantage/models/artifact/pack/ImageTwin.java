package health.vantage.models.artifact.pack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model as a container image: the same layers, so nothing is stored twice, under a config that container runtimes know.
 * For Kubernetes' image volumes and {@code docker pull}, as containerd mounts a ModelPack artifact as an empty folder and
 * reports no error. It is made of the manifest and config alone, and the same model always gives the same bytes.
 *
 * <p>A runtime takes no image of another processor, and weights are for all of them: so it is an index with one image
 * each for amd64 and arm64, which differ in nothing else.
 *
 * @param index points at the images
 * @param images one per platform
 */
public record ImageTwin(byte[] index, List<Image> images) {
    /** On the twin's index and manifests: the digest of the model that it is the twin of. */
    public static final String TWIN_OF = "health.vantage.model.twin-of";

    private static final List<Platform> PLATFORMS = List.of(Platform.linux("amd64"), Platform.linux("arm64"));
    /** Docker's own limit; past it nobody could pull the image. */
    private static final int MOST_LAYERS = 125;

    /** One platform's config and manifest. */
    public record Image(byte[] config, byte[] manifest) {}

    /**
     * @param config the model's own, as the manifest names it
     * @throws UnsupportedArtifact if the model cannot be an image, saying why
     */
    static ImageTwin of(ModelArtifact model, byte[] config) {
        List<Digest> diffIds = diffIds(model, config);
        List<Descriptor> layers =
                model.manifest().layers().stream().map(ImageTwin::imageLayer).toList();
        var images = new ArrayList<Image>();
        var entries = new ArrayList<Descriptor>();
        for (Platform platform : PLATFORMS) {
            byte[] imageConfig = config(model, platform, diffIds);
            byte[] manifest = Manifest.Artifact.of(
                            null, Descriptor.of(MediaTypes.OCI_CONFIG, imageConfig), layers, annotations(model))
                    .toBytes();
            images.add(new Image(imageConfig, manifest));
            entries.add(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest).forPlatform(platform));
        }
        return new ImageTwin(Manifest.Index.of(entries, annotations(model)).toBytes(), images);
    }

    public Digest digest() {
        return Digest.of(index);
    }

    private static List<Digest> diffIds(ModelArtifact model, byte[] config) {
        List<Descriptor> layers = model.manifest().layers();
        if (!model.manifest().config().mediaType().equals(MediaTypes.MODEL_CONFIG)) {
            throw new UnsupportedArtifact(
                    "The model " + model.digest() + " is a container image already and needs no twin");
        }
        if (layers.size() > MOST_LAYERS) {
            throw new UnsupportedArtifact("The model " + model.digest() + " has " + layers.size()
                    + " layers; an image may have " + MOST_LAYERS + ". Pack fewer files, or push without --image");
        }
        JsonNode listed = listed(config);
        var ids = new ArrayList<Digest>();
        for (int i = 0; i < layers.size(); i++) {
            ids.add(diffId(model, layers.get(i), listed.path(i).asText("")));
        }
        return ids;
    }

    private static JsonNode listed(byte[] config) {
        try {
            return Json.object(config).path("modelfs").path("diffIds");
        } catch (Json.NotJson e) {
            throw new UnsupportedArtifact("The model's config is " + e.getMessage() + "; pack the model again", e);
        }
    }

    private static Digest diffId(ModelArtifact model, Descriptor layer, String listed) {
        String path = layer.annotation(MediaTypes.MODEL_FILEPATH)
                .orElse(layer.digest().toString());
        return switch (LayerEncoding.of(layer.mediaType())) {
            case RAW ->
                throw new UnsupportedArtifact("The file " + path + " of the model " + model.digest()
                        + " is a layer without a tar (it has more than 8 GiB, or another tool packed it), which no image may"
                        + " have; push the model without --image");
            case TAR -> layer.digest();
            case TAR_GZIP, TAR_ZSTD -> {
                try {
                    yield Digest.parse(listed);
                } catch (IllegalArgumentException e) {
                    throw new UnsupportedArtifact(
                            "The config of the model " + model.digest() + " does not say what " + path
                                    + " unpacks to, which an image has to; pack it with 'kubectl model pack'",
                            e);
                }
            }
        };
    }

    private static Descriptor imageLayer(Descriptor layer) {
        String type =
                switch (LayerEncoding.of(layer.mediaType())) {
                    case RAW, TAR -> MediaTypes.OCI_LAYER_TAR;
                    case TAR_GZIP -> MediaTypes.OCI_LAYER_GZIP;
                    case TAR_ZSTD -> MediaTypes.OCI_LAYER_ZSTD;
                };
        return Descriptor.of(type, layer.digest(), layer.size());
    }

    /** The metadata is a label, as in an image that a Dockerfile made: also the twin alone is a model to us. */
    private static byte[] config(ModelArtifact model, Platform platform, List<Digest> diffIds) {
        ModelMetadata metadata = model.metadata();
        String created = metadata.provenance().trainedAt().toString();
        ObjectNode root = Json.newObject();
        root.put("created", created);
        root.put("architecture", platform.architecture());
        root.put("os", platform.os());
        ObjectNode labels = root.putObject("config").putObject("Labels");
        labels.put(ModelMetadata.IMAGE_LABEL, new String(metadata.canonicalJson(), StandardCharsets.UTF_8));
        labels.put("org.opencontainers.image.title", metadata.name());
        labels.put("org.opencontainers.image.version", metadata.version());
        ObjectNode rootfs = root.putObject("rootfs");
        rootfs.put("type", "layers");
        var ids = rootfs.putArray("diff_ids");
        diffIds.forEach(id -> ids.add(id.toString()));
        var history = root.putArray("history");
        model.manifest().layers().forEach(layer -> history.addObject()
                .put("created", created)
                .put(
                        "created_by",
                        "kubectl model: "
                                + layer.annotation(MediaTypes.MODEL_FILEPATH).orElse("a layer")));
        return Json.bytes(root);
    }

    private static Map<String, String> annotations(ModelArtifact model) {
        var annotations = new TreeMap<String, String>();
        annotations.put("org.opencontainers.image.title", model.metadata().name());
        annotations.put("org.opencontainers.image.version", model.metadata().version());
        annotations.put(ModelMetadata.VARIANT_ANNOTATION, model.metadata().variant());
        annotations.put(TWIN_OF, model.digest().toString());
        return annotations;
    }
}
