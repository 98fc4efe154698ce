package health.vantage.models.artifact.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each layer's tar hashes to without compression, as the config says; the manifest names the config's digest, so a
 * signature over the manifest vouches for them. Source: OCI image spec, config.md, rootfs.diff_ids; ModelPack, modelfs.
 */
record DiffIds(Map<Digest, Digest> byLayer) {
    private static final int LARGEST_CONFIG = 4 << 20;

    /** Empty where the config lists none, or not one per layer. */
    static DiffIds of(Repository evidence, Manifest.Artifact manifest) {
        if (manifest.config().size() > LARGEST_CONFIG) {
            return new DiffIds(Map.of());
        }
        List<Descriptor> layers = manifest.layers();
        var byLayer = new LinkedHashMap<Digest, Digest>();
        try {
            ObjectNode config = Json.object(evidence.smallBlob(manifest.config(), LARGEST_CONFIG));
            JsonNode modelPack = config.path("modelfs").path("diffIds");
            JsonNode ids =
                    modelPack.isArray() ? modelPack : config.path("rootfs").path("diff_ids");
            for (int i = 0; ids.size() == layers.size() && i < ids.size(); i++) {
                byLayer.put(layers.get(i).digest(), Digest.parse(ids.path(i).asText()));
            }
        } catch (Json.NotJson | IllegalArgumentException e) {
            return new DiffIds(Map.of());
        }
        return new DiffIds(byLayer);
    }

    /** What the layer's tar must hash to; for one that is not compressed its own digest, whatever the config says. */
    Optional<Digest> expected(Digest layer, LayerRecord record) {
        return record.encoding().compressed() ? Optional.ofNullable(byLayer.get(layer)) : Optional.of(layer);
    }

    /** @throws ArtifactException.UnsupportedArtifact if a layer unpacked to something else than the config says */
    void check(Map<Digest, LayerRecord> records) {
        records.forEach((layer, record) -> expected(layer, record)
                .filter(digest -> !digest.equals(record.tar()))
                .ifPresent(digest -> {
                    throw new UnsupportedArtifact("The layer " + layer + " unpacks to " + record.tar()
                            + ", but the config says " + digest + "; pack the model again");
                }));
    }
}
