package health.vantage.models.artifact.metadata;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.json.Json;
import java.math.BigDecimal;
import java.util.List;

/** Writes metadata in the order in which the format's description lists the fields. */
final class MetadataWriter {
    private MetadataWriter() {}

    static byte[] write(ModelMetadata metadata) {
        ObjectNode root = Json.newObject();
        root.put("name", metadata.name());
        root.put("version", metadata.version());
        root.put("variant", metadata.variant());
        var model = metadata.model();
        ObjectNode m = root.putObject("model");
        m.put("format", model.format().jsonName());
        m.put("precision", model.precision().jsonName());
        longs(m.putArray("inputShape"), model.inputShape());
        longs(m.putArray("outputShape"), model.outputShape());
        m.put("vramGB", number(model.vramGB()));
        m.put("latencyMs", number(model.latencyMs()));
        strings(root.putArray("capabilities"), metadata.capabilities());
        var provenance = metadata.provenance();
        ObjectNode p = root.putObject("provenance");
        p.put("trainingRun", provenance.trainingRun());
        p.put("dataset", provenance.dataset());
        p.put("trainedAt", provenance.trainedAt().toString());
        p.put("trainedBy", provenance.trainedBy());
        var deployment = metadata.deployment();
        ObjectNode d = root.putObject("deployment");
        strings(d.putArray("targets"), deployment.targets());
        deployment.minCuda().ifPresent(v -> d.put("minCudaVersion", v));
        deployment.minTensorRt().ifPresent(v -> d.put("minTensorRTVersion", v));
        return Json.bytes(root);
    }

    /** 18, not 18.0 or 1.8E1: the shortest plain form, whatever the number came from. */
    private static BigDecimal number(double value) {
        BigDecimal plain = BigDecimal.valueOf(value).stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }

    private static void longs(ArrayNode array, List<Long> values) {
        values.forEach(array::add);
    }

    private static void strings(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }
}
