package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.model.ModelArtifact;
import java.util.Optional;

/**
 * A model and the tag that led to it.
 *
 * @param label what to call it in errors: the tag, else the digest
 */
record Found(ModelArtifact model, Optional<String> tag, String label) {
    static Found byTag(ModelArtifact model, String tag) {
        return new Found(model, Optional.of(tag), tag);
    }

    ResolvedArtifact resolved(String variant) {
        return new ResolvedArtifact(variant, model.digest(), tag, model.sizeBytes(), model.metadata());
    }
}
