package health.vantage.models.artifact.model;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Manifest;

/** A manifest that is a model, and what it says of itself. */
public record ModelArtifact(Digest digest, Manifest.Artifact manifest, ModelMetadata metadata) {
    /** Config and layers as they are in the registry, in bytes. */
    public long sizeBytes() {
        return manifest.contentSize();
    }
}
