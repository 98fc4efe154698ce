package health.vantage.models.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelRevision;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;

/** What a cluster says, as JSON, for {@code -o}: in the words of the resources' own status. */
final class ClusterFacts {
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private ClusterFacts() {}

    static JsonNode of(ModelDeploymentStatus status) {
        return SERIALIZATION.convertValue(status, JsonNode.class);
    }

    /** @param plan the tiers of a status's plan */
    static JsonNode plan(List<?> plan) {
        return SERIALIZATION.convertValue(plan, JsonNode.class);
    }

    static JsonNode of(List<ModelRevision> revisions) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (ModelRevision revision : revisions) {
            ObjectNode node = array.addObject();
            node.put("revision", revision.getMetadata().getName());
            node.put("version", revision.getSpec().version());
            node.put("createdAt", revision.getMetadata().getCreationTimestamp());
            node.put("trainingRun", revision.getSpec().trainingRun());
            node.put("dataset", revision.getSpec().dataset());
            Optional.ofNullable(revision.getStatus()).ifPresent(status -> {
                node.put(
                        "outcome",
                        status.outcome() == null ? null : status.outcome().name());
                node.put("confirmedAt", status.confirmedAt());
                node.put("retiredAt", status.retiredAt());
            });
        }
        return array;
    }
}
