package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What a node is told: at most one instruction per model. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelNodeSpec(
        @JsonPropertyDescription("The ComputeTier of this node")
        String tier,

        @JsonPropertyDescription("One entry per ModelDeployment, merged by name")
        List<ModelInstruction> models) {
    public ModelNodeSpec {
        models = models == null ? List.of() : List.copyOf(models);
    }
}
