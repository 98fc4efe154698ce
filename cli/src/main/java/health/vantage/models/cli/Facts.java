package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.registry.MediaTypes;

/** A model as JSON, for {@code -o}. */
final class Facts {
    private Facts() {}

    static ObjectNode of(ModelArtifact model) {
        ObjectNode root = Json.newObject();
        root.put("digest", model.digest().toString());
        root.put("sizeBytes", model.sizeBytes());
        root.set("metadata", Json.object(model.metadata().canonicalJson()));
        var layers = root.putArray("layers");
        for (var layer : model.manifest().layers()) {
            ObjectNode node = layers.addObject();
            node.put("path", layer.annotation(MediaTypes.MODEL_FILEPATH).orElse(""));
            node.put("mediaType", layer.mediaType());
            node.put("digest", layer.digest().toString());
            node.put("sizeBytes", layer.size());
        }
        return root;
    }
}
