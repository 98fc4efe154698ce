package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;

/** How a new revision reaches the nodes, and what makes it go back. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Rollout(
        @Default("Reachable")
        @Pattern("^(All|Reachable|([1-9][0-9]?|100)%)$")
        @JsonPropertyDescription("Which nodes must take part: All, Reachable, or a share such as 90%")
        String requireNodes,

        @Default("1")
        @Min(0)
        @Max(100)
        @JsonPropertyDescription("Nodes per tier that activate first; 0 skips the canary")
        Integer canaryNodes,

        @Default("15m")
        @Pattern(Span.PATTERN)
        @JsonPropertyDescription("Time for pull, verification and preflight on every node")
        String stageTimeout,

        @Default("2m") @Pattern(Span.PATTERN) @JsonPropertyDescription("Time for the swap on every node")
        String activateTimeout,

        @Default("60s")
        @Pattern(Span.PATTERN)
        @JsonPropertyDescription("How long the new revision is watched before it counts as good")
        String soak,

        @Default("1%")
        @Pattern("^[0-9]{1,3}(\\.[0-9]{1,3})?%$")
        @JsonPropertyDescription("Failed requests during soak that turn back the rollout")
        String maxErrorRate,

        @Default("3")
        @Min(1)
        @Max(1000)
        @JsonPropertyDescription("p99 latency during soak, as a multiple of the metadata's latencyMs")
        Double maxLatencyFactor) {

    public Rollout {
        requireNodes = requireNodes == null ? "Reachable" : requireNodes;
        canaryNodes = canaryNodes == null ? 1 : canaryNodes;
        stageTimeout = stageTimeout == null ? "15m" : stageTimeout;
        activateTimeout = activateTimeout == null ? "2m" : activateTimeout;
        soak = soak == null ? "60s" : soak;
        maxErrorRate = maxErrorRate == null ? "1%" : maxErrorRate;
        maxLatencyFactor = maxLatencyFactor == null ? 3.0 : maxLatencyFactor;
    }
}
