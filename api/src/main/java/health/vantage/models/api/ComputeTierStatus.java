package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import java.util.List;

/** How the tier is doing. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ComputeTierStatus(
        @Default("-1") Long observedGeneration,
        List<Condition> conditions,

        @JsonPropertyDescription("Nodes labelled as members")
        Integer nodes,

        @JsonPropertyDescription("Nodes whose runner is ready")
        Integer ready,

        @JsonPropertyDescription("For the table: ready / nodes")
        String summary,

        @JsonPropertyDescription("Members whose labels no longer match, since when; removed after a while. At most 20")
        List<Unmatched> unmatched,

        @JsonPropertyDescription("The runner image last seen healthy on a node: what an upgrade goes back to")
        String lastGoodImage) {

    public ComputeTierStatus {
        observedGeneration = observedGeneration == null ? -1L : observedGeneration;
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
        unmatched = unmatched == null ? List.of() : List.copyOf(unmatched);
    }

    /** A member whose labels are gone, perhaps only while GPU feature discovery restarts. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Unmatched(String node, String since) {}
}
