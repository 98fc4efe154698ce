package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What should be served where. Defaults are filled here as well as in the schema: objects can be older than it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelDeploymentSpec(
        @Required @JsonPropertyDescription("Which model, and how its version is chosen")
        ModelSource model,

        @Required
        @Size(min = 1, max = 8)
        @JsonPropertyDescription("ComputeTier names; their order is FirstFit's preference")
        List<String> tiers,

        @Default("EveryTier")
        @JsonPropertyDescription("EveryTier: all tiers must serve it. FirstFit: the first tier on which it fits")
        Placement placement,

        @Default("{}") Resolve resolve,

        @JsonPropertyDescription("Who must have signed the artifact")
        Verify verify,

        @Default("{}") Rollout rollout,

        @Default("0")
        @Min(-1000)
        @Max(1000)
        @JsonPropertyDescription("Who gets contended GPU memory: higher first, then older, then UID")
        Integer priority,

        @Default("3")
        @Min(1)
        @Max(20)
        @JsonPropertyDescription("Versions each node keeps in its cache, beside the active one")
        Integer historyLimit,

        @Default("false") @JsonPropertyDescription("Start no new rollout; what serves keeps serving")
        Boolean paused) {

    public ModelDeploymentSpec {
        tiers = tiers == null ? List.of() : List.copyOf(tiers);
        placement = placement == null ? Placement.EveryTier : placement;
        resolve = resolve == null ? new Resolve(null, null) : resolve;
        rollout = rollout == null ? new Rollout(null, null, null, null, null, null, null) : rollout;
        priority = priority == null ? 0 : priority;
        historyLimit = historyLimit == null ? 3 : historyLimit;
        paused = paused != null && paused;
    }

    /** On which of its tiers a model goes. */
    public enum Placement {
        EveryTier,
        FirstFit
    }

    /** When tags are looked at again. */
    public enum ResolvePolicy {
        /** Every {@code interval}. */
        Poll,
        /** Once per generation of the spec. */
        Once,
        /** Only when the {@link ApiGroup#RESOLVE_ANNOTATION} changes. */
        Manual
    }

    /** How often tags are resolved to digests. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Resolve(
            @Default("Poll") ResolvePolicy policy,

            @Default("5m")
            @Pattern(Span.PATTERN)
            @JsonPropertyDescription("Time between two looks at the registry, such as 5m")
            String interval) {
        public Resolve {
            policy = policy == null ? ResolvePolicy.Poll : policy;
            interval = interval == null ? "5m" : interval;
        }
    }

    /** Whose signature is trusted: any one of the keys suffices, which is how keys are rotated. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Verify(@Required @Size(min = 1, max = 10) List<PublicKey> publicKeys) {
        public Verify {
            publicKeys = publicKeys == null ? List.of() : List.copyOf(publicKeys);
        }
    }

    /** A cosign public key in a Secret of the same namespace. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PublicKey(@Required SecretKeyRef secretRef) {}

    /** One entry of a Secret. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SecretKeyRef(
            @Required @Size(min = 1, max = 253) String name,

            @Default("cosign.pub") @Size(min = 1, max = 253) @JsonPropertyDescription("The entry that holds the PEM")
            String key) {
        public SecretKeyRef {
            key = key == null ? "cosign.pub" : key;
        }
    }
}
