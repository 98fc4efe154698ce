package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import java.util.List;

/** What is known and decided. Lists are bounded: the object stays small on a fleet of thousands. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelDeploymentStatus(
        @Default("-1") @JsonPropertyDescription("The generation of the spec that this status speaks of")
        Long observedGeneration,

        List<Condition> conditions,

        @JsonPropertyDescription("What the spec resolves to now")
        RevisionRef desired,

        @JsonPropertyDescription("What nodes are told to serve")
        RevisionRef active,

        @JsonPropertyDescription("The revision that was last confirmed; where an abort returns to")
        RevisionRef lastGood,

        RolloutStatus rollout,

        @JsonPropertyDescription("Digests that failed and are not tried again; at most 10")
        List<QuarantinedDigest> quarantined,

        @JsonPropertyDescription("Nodes that failed in this epoch; at most 10")
        List<NodeProblem> failingNodes,

        @JsonPropertyDescription("Per tier, why it fits or not")
        List<TierPlan> plan,

        @JsonPropertyDescription("When the registry was last asked")
        String resolvedAt,

        @JsonPropertyDescription("The retry annotation last acted upon")
        String handledRetry,

        @JsonPropertyDescription("The resolve annotation last acted upon")
        String handledResolve,

        @JsonPropertyDescription("For the table: the model's name")
        String model,

        @JsonPropertyDescription("For the table: the version served")
        String version,

        @JsonPropertyDescription("For the table: the tiers") String tiers,

        @JsonPropertyDescription("For the table: nodes serving / nodes that should")
        String nodes,

        @JsonPropertyDescription("For the table: the phase of the rollout")
        String phase,

        @JsonPropertyDescription("For the table: short digests")
        String digest,

        @JsonPropertyDescription("For the table: why it is not ready")
        String reason) {

    public ModelDeploymentStatus {
        observedGeneration = observedGeneration == null ? -1L : observedGeneration;
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
        quarantined = quarantined == null ? List.of() : List.copyOf(quarantined);
        failingNodes = failingNodes == null ? List.of() : List.copyOf(failingNodes);
        plan = plan == null ? List.of() : List.copyOf(plan);
    }

    /** A ModelRevision by name, with what people want to see of it. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RevisionRef(String name, String version) {}

    /** A digest that failed. Cleared when its tag moves on, or by the retry annotation. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record QuarantinedDigest(String digest, String version, String reason, String message, String since) {}

    /** A node that failed, or does not fit. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NodeProblem(String node, String reason, String message) {}

    /** Whether and why a tier's nodes can take the model. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TierPlan(
            String tier,
            String digest,

            @JsonPropertyDescription("GPU memory the model declares, MiB")
            Long vramMiB,

            @JsonPropertyDescription("Nodes of the tier") Integer nodes,

            @JsonPropertyDescription("Nodes that can take it")
            Integer fitting,

            @JsonPropertyDescription("Nodes that cannot, and why; at most 10")
            List<NodeProblem> misfits) {
        public TierPlan {
            misfits = misfits == null ? List.of() : List.copyOf(misfits);
        }
    }
}
