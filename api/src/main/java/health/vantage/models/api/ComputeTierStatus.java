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
        String lastGoodImage,

        @JsonPropertyDescription("The node whose healthy runner was restarted for an upgrade and is not back yet")
        String upgradingNode,

        @JsonPropertyDescription("The runner image that did not come up; not tried again until the spec names another")
        FailedUpgrade failedUpgrade) {

    public ComputeTierStatus {
        observedGeneration = observedGeneration == null ? -1L : observedGeneration;
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
        unmatched = unmatched == null ? List.of() : List.copyOf(unmatched);
    }

    /** An image that did not become ready on a node that was healthy before. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FailedUpgrade(String image, String node) {}

    /** A member whose labels are gone, perhaps only while GPU feature discovery restarts. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Unmatched(String node, String since) {}
}
