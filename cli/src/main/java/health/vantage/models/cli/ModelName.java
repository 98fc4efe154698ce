package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.cache.CachedModel;

/** A cached model for people: name, version, variant and where its digest begins. */
final class ModelName {
    private ModelName() {}

    static ObjectNode facts(CachedModel model, ObjectNode into) {
        into.put("name", model.metadata().name());
        into.put("version", model.metadata().version());
        into.put("variant", model.metadata().variant());
        into.put("digest", model.digest().toString());
        into.put("sizeBytes", model.sizeBytes());
        return into;
    }

    static String of(CachedModel model) {
        var metadata = model.metadata();
        return metadata.name() + " " + metadata.version() + " for " + metadata.variant() + " ("
                + model.digest().shortHex() + ", " + Bytes.of(model.sizeBytes()) + ")";
    }
}
