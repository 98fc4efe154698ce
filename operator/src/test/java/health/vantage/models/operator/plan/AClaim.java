package health.vantage.models.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.api.ModelDeploymentSpec.Placement;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Builds a deployment's wish: {@code imaging/retina-seg}, 4,000 MiB on tier {@code rtx}, reachable nodes. */
final class AClaim {
    private final String model;
    private String uid;
    private int priority;
    private Instant created = Instant.parse("2026-01-01T00:00:00Z");
    private final List<String> tiers = new ArrayList<>();
    private final List<TierArtifact> artifacts = new ArrayList<>();
    private Placement placement = Placement.EveryTier;
    private Quorum quorum = new Quorum.Reachable();

    private AClaim(String model) {
        this.model = model;
        this.uid = "uid-" + model;
    }

    static AClaim of(String model) {
        return new AClaim(model);
    }

    static AClaim mine() {
        return new AClaim(Told.MODEL);
    }

    AClaim uid(String other) {
        uid = other;
        return this;
    }

    AClaim priority(int of) {
        priority = of;
        return this;
    }

    AClaim created(String at) {
        created = Instant.parse(at);
        return this;
    }

    AClaim placed(Placement how) {
        placement = how;
        return this;
    }

    AClaim needs(Quorum nodes) {
        quorum = nodes;
        return this;
    }

    AClaim on(String tier, long vramMiB) {
        return on(tier, vramMiB, metadata("onnx", "", ""));
    }

    AClaim on(String tier, long vramMiB, JsonNode metadata) {
        tiers.add(tier);
        artifacts.add(new TierArtifact(
                tier, tier, "sha256:" + model + "-" + tier, null, null, vramMiB, 10.0, null, metadata));
        return this;
    }

    /** A tier that the spec names and the revision does not know. */
    AClaim onUnresolved(String tier) {
        tiers.add(tier);
        return this;
    }

    static JsonNode metadata(String format, String minTensorRt, String minCuda) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        metadata.putObject("model").put("format", format);
        ObjectNode deployment = metadata.putObject("deployment");
        if (!minTensorRt.isEmpty()) {
            deployment.put("minTensorRTVersion", minTensorRt);
        }
        if (!minCuda.isEmpty()) {
            deployment.put("minCudaVersion", minCuda);
        }
        return metadata;
    }

    Claim claim() {
        if (tiers.isEmpty()) {
            on("rtx", 4_000);
        }
        return new Claim(
                "imaging",
                model,
                uid,
                priority,
                created,
                tiers,
                placement,
                quorum,
                new ModelRevisionSpec(
                        model,
                        model,
                        "2.0.0",
                        "registry.vantage.health/vantage/" + model,
                        null,
                        null,
                        null,
                        artifacts));
    }
}
