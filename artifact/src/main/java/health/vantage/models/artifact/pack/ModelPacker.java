package health.vantage.models.artifact.pack;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a CNCF ModelPack manifest of a model's files. The same metadata and files give the same digest on every machine:
 * nothing in it comes from the clock, the user or the file system.
 */
public final class ModelPacker {
    private static final int MOST_FILES = 500;

    private final Compression compression;
    private final ProgressListener listener;

    public ModelPacker(Compression compression) {
        this(compression, ProgressListener.NONE);
    }

    /** @param listener hears of the reading and the compressing of each file */
    public ModelPacker(Compression compression, ProgressListener listener) {
        this.compression = compression;
        this.listener = listener;
    }

    /**
     * @param metadata is checked as strictly as when it is read
     * @param files in any order; every path once, at least one weight
     * @throws health.vantage.models.artifact.ArtifactException.InvalidMetadata naming every problem
     * @throws IllegalArgumentException if the files cannot be packed
     * @throws IOException if a file cannot be read
     */
    public PackedModel pack(ModelMetadata metadata, List<ModelFile> files) throws IOException {
        byte[] json = metadata.canonicalJson();
        ModelMetadata checked = ModelMetadata.parse(json);
        check(files);
        Path temporary = Files.createTempDirectory("model-pack-");
        try {
            var packer = new LayerPacker(temporary, compression, listener);
            var layers = new ArrayList<PackedModel.Layer>();
            for (ModelFile file :
                    files.stream().sorted(Comparator.comparing(ModelFile::path)).toList()) {
                layers.add(packer.pack(file));
            }
            byte[] config = config(checked, layers);
            Descriptor configDescriptor = Descriptor.of(MediaTypes.MODEL_CONFIG, config);
            var manifest = Manifest.Artifact.of(
                    MediaTypes.MODEL_MANIFEST,
                    configDescriptor.inline(config),
                    layers.stream().map(PackedModel.Layer::descriptor).toList(),
                    annotations(checked, json));
            layers.addFirst(new PackedModel.Layer(configDescriptor, BlobSource.of(config), configDescriptor.digest()));
            return new PackedModel(checked, manifest, layers, temporary);
        } catch (IOException | RuntimeException e) {
            DurableFiles.deleteTree(temporary);
            if (e instanceof IOException io && DurableFiles.isDiskFull(io)) {
                throw new DiskFull(
                        "There is no room to compress the model in " + temporary.getParent()
                                + "; free some, or set java.io.tmpdir to a larger disk",
                        io);
            }
            throw e;
        }
    }

    private static void check(List<ModelFile> files) throws IOException {
        if (files.isEmpty() || files.size() > MOST_FILES) {
            throw new IllegalArgumentException("A model has 1 to " + MOST_FILES + " files, not " + files.size());
        }
        if (files.stream().noneMatch(f -> f.kind() == ModelFile.Kind.WEIGHT)) {
            throw new IllegalArgumentException("A model needs at least one file with weights");
        }
        var paths = new HashSet<String>();
        for (ModelFile file : files) {
            if (!paths.add(file.path())) {
                throw new IllegalArgumentException("Two files would be packed as '" + file.path() + "'");
            }
            if (!Files.isRegularFile(file.source())) {
                throw new IOException("There is no file " + file.source() + " to pack");
            }
        }
    }

    private static Map<String, String> annotations(ModelMetadata metadata, byte[] json) {
        var annotations = new TreeMap<String, String>();
        annotations.put(
                "org.opencontainers.image.created",
                metadata.provenance().trainedAt().toString());
        annotations.put("org.opencontainers.image.title", metadata.name());
        annotations.put("org.opencontainers.image.version", metadata.version());
        annotations.put(ReleaseIndex.VARIANT, metadata.variant());
        annotations.put(ModelMetadata.ANNOTATION, new String(json, StandardCharsets.UTF_8));
        return annotations;
    }

    /** By the ModelPack config schema, which allows no properties of ours. */
    private static byte[] config(ModelMetadata metadata, List<PackedModel.Layer> layers) {
        ObjectNode root = Json.newObject();
        ObjectNode descriptor = root.putObject("descriptor");
        descriptor.put("createdAt", metadata.provenance().trainedAt().toString());
        descriptor.put("name", metadata.name());
        descriptor.put("version", metadata.version());
        ObjectNode config = root.putObject("config");
        config.put("format", metadata.model().format().jsonName());
        config.put("precision", metadata.model().precision().jsonName());
        ObjectNode modelfs = root.putObject("modelfs");
        modelfs.put("type", "layers");
        var ids = modelfs.putArray("diffIds");
        layers.forEach(layer -> ids.add(layer.diffId().toString()));
        return Json.bytes(root);
    }
}
