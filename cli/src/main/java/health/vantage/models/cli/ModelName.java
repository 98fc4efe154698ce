package health.vantage.models.cli;

import health.vantage.models.artifact.cache.CachedModel;

/** A cached model for people: name, version, variant and where its digest begins. */
final class ModelName {
    private ModelName() {}

    static String of(CachedModel model) {
        var metadata = model.metadata();
        return metadata.name() + " " + metadata.version() + " for " + metadata.variant() + " ("
                + model.digest().shortHex() + ", " + Bytes.of(model.sizeBytes()) + ")";
    }
}
