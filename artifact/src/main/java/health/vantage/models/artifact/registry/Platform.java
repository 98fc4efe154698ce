package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.json.Json;
import java.util.Optional;

/**
 * What an image in an index is for. Source: OCI image spec, image-index.md.
 *
 * @param os {@code linux}
 * @param architecture Go's name of it: {@code amd64}, {@code arm64}
 * @param variant of the architecture, such as {@code v8}
 */
public record Platform(String os, String architecture, Optional<String> variant) {
    public static Platform linux(String architecture) {
        return new Platform("linux", architecture, Optional.empty());
    }

    ObjectNode toJson() {
        ObjectNode node = Json.newObject();
        node.put("architecture", architecture);
        node.put("os", os);
        variant.ifPresent(v -> node.put("variant", v));
        return node;
    }

    /** Empty if there is none, or one that says nothing. */
    static Optional<Platform> fromJson(JsonNode node) {
        String os = node.path("os").asText("");
        String architecture = node.path("architecture").asText("");
        Optional<String> variant = Optional.of(node.path("variant").asText("")).filter(v -> !v.isEmpty());
        return os.isEmpty() || architecture.isEmpty()
                ? Optional.empty()
                : Optional.of(new Platform(os, architecture, variant));
    }

    /** As docker writes it: {@code linux/arm64}. */
    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
    }
}
