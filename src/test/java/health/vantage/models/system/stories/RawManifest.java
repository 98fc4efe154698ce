package health.vantage.models.system.stories;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;

/** A manifest as somebody without our tools could push it. */
final class RawManifest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Repository repository;
    private final ObjectNode manifest;

    private RawManifest(Repository repository, ObjectNode manifest) {
        this.repository = repository;
        this.manifest = manifest;
    }

    /** Starts from one that is good. */
    static RawManifest like(Repository repository, Digest good) {
        return new RawManifest(repository, parse(repository.manifest(good).bytes()));
    }

    /** Changes the model's metadata. */
    RawManifest metadata(Consumer<ObjectNode> change) {
        ObjectNode annotations = (ObjectNode) manifest.get("annotations");
        ObjectNode metadata =
                parse(annotations.get(ModelMetadata.ANNOTATION).asText().getBytes(StandardCharsets.UTF_8));
        change.accept(metadata);
        annotations.put(ModelMetadata.ANNOTATION, metadata.toString());
        return this;
    }

    /** Has the weights in this tar, and nothing else. */
    RawManifest weights(byte[] tar) {
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + ".tar", tar);
        repository.putBlob(layer, BlobSource.of(tar));
        manifest.putArray("layers")
                .addObject()
                .put("mediaType", layer.mediaType())
                .put("digest", layer.digest().toString())
                .put("size", layer.size());
        ObjectNode config = (ObjectNode) manifest.get("config");
        ObjectNode inline = parse(Base64.getDecoder().decode(config.get("data").asText()));
        ((ObjectNode) inline.get("modelfs"))
                .putArray("diffIds")
                .add(layer.digest().toString());
        byte[] bytes = inline.toString().getBytes(StandardCharsets.UTF_8);
        Descriptor blob = Descriptor.of(MediaTypes.MODEL_CONFIG, bytes);
        repository.putBlob(blob, BlobSource.of(bytes));
        config.put("digest", blob.digest().toString())
                .put("size", blob.size())
                .put("data", Base64.getEncoder().encodeToString(bytes));
        return this;
    }

    /** Digests of what the model consists of. */
    List<String> layers() {
        return manifest.get("layers")
                .valueStream()
                .map(layer -> layer.get("digest").asText())
                .toList();
    }

    /** Pushes it under a tag. */
    Digest push(String tag) {
        return repository.putManifest(
                tag, MediaTypes.OCI_MANIFEST, manifest.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode parse(byte[] json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
