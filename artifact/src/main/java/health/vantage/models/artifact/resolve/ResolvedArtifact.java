package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import java.util.Optional;

/**
 * The artifact that was found for one variant.
 *
 * @param tag the tag that led here; empty when pinned by digest or found through an index
 * @param sizeBytes config and all layers, compressed as in the registry
 */
public record ResolvedArtifact(
        String variant, Digest digest, Optional<String> tag, long sizeBytes, ModelMetadata metadata) {}
