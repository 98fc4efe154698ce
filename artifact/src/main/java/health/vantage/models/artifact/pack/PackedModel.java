package health.vantage.models.artifact.pack;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A model ready to be pushed. Its layers read the packed files (and compressed copies in a temporary folder, gone after
 * {@link #close}).
 */
public final class PackedModel implements AutoCloseable {
    private final ModelMetadata metadata;
    private final Manifest.Artifact manifest;
    private final byte[] manifestBytes;
    private final List<Layer> blobs;
    private final Path temporary;

    /** @param diffId the digest of the layer without its compression */
    record Layer(Descriptor descriptor, BlobSource content, Digest diffId) {}

    PackedModel(ModelMetadata metadata, Manifest.Artifact manifest, List<Layer> blobs, Path temporary) {
        this.metadata = metadata;
        this.manifest = manifest;
        this.manifestBytes = manifest.toBytes();
        this.blobs = List.copyOf(blobs);
        this.temporary = temporary;
    }

    public ModelMetadata metadata() {
        return metadata;
    }

    public Manifest.Artifact manifest() {
        return manifest;
    }

    public byte[] manifestBytes() {
        return manifestBytes.clone();
    }

    public Digest digest() {
        return Digest.of(manifestBytes);
    }

    /** Config and layers. */
    List<Layer> blobs() {
        return blobs;
    }

    @Override
    public void close() throws IOException {
        DurableFiles.deleteTree(temporary);
    }
}
