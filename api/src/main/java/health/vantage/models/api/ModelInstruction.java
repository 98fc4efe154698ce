package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Optional;

/**
 * What one node shall do with one model. The whole wish, not a delta: sending it again changes nothing, and a node that
 * missed the steps before still knows where to go. An instruction of an older epoch than the node has seen is ignored.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelInstruction(
        @Required @JsonPropertyDescription("The name clients ask for: the ModelDeployment's name")
        String name,

        @Required DeploymentRef deployment,
        @Required Long epoch,
        @Required Step step,

        @Required @JsonPropertyDescription("The revision of this epoch")
        ArtifactRef target,

        @JsonPropertyDescription("What Abort returns to; none on a first rollout")
        ArtifactRef lastGood,

        @JsonPropertyDescription("Digests never to be activated")
        List<String> quarantined,

        @JsonPropertyDescription("What the node verifies again")
        Verification verify,

        @JsonPropertyDescription("Index of the GPU the memory was reserved on")
        Integer device,

        @JsonPropertyDescription(
                "Whether memory holds old and new at once, so that the new one may stay loaded beside the old")
        Boolean loadBeside,

        @JsonPropertyDescription("Versions kept in the cache beside the active one")
        Integer historyLimit,

        @JsonPropertyDescription(
                "Share of failed requests (0..1) at which an unconfirmed version is turned back by the node itself")
        Double maxErrorRate) {

    public ModelInstruction {
        quarantined = quarantined == null ? List.of() : List.copyOf(quarantined);
        verify = verify == null ? Verification.NONE : verify;
        device = device == null ? 0 : device;
        loadBeside = loadBeside != null && loadBeside;
        historyLimit = historyLimit == null ? 3 : historyLimit;
        maxErrorRate = maxErrorRate == null ? 0.01 : maxErrorRate;
    }

    /** The same wish, one step on. */
    public ModelInstruction withStep(Step next) {
        return new ModelInstruction(
                name,
                deployment,
                epoch,
                next,
                target,
                lastGood,
                quarantined,
                verify,
                device,
                loadBeside,
                historyLimit,
                maxErrorRate);
    }

    public Optional<ArtifactRef> returnTo() {
        return Optional.ofNullable(lastGood);
    }

    /** The four steps of a rollout on a node. Each includes those before it, for a node that missed them. */
    public enum Step {
        /** Pull by digest, verify, preflight; serve what was served before. */
        Stage,
        /** Swap the serving reference to the target. */
        Activate,
        /** The target is good: it becomes last good, older versions may go. */
        Confirm,
        /** Return to last good from the node's own cache. */
        Abort
    }

    /** Whose instruction this is. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DeploymentRef(
            @Required String namespace,
            @Required String name,
            @Required String uid) {}

    /** One artifact, by digest. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ArtifactRef(
            @Required String repository,
            @Required String digest,
            String revision,
            String version,

            @JsonPropertyDescription("GPU memory it declares, MiB")
            Long vramMiB,

            @JsonPropertyDescription("Bytes of all layers") Long sizeBytes) {
        public ArtifactRef {
            vramMiB = vramMiB == null ? 0L : vramMiB;
            sizeBytes = sizeBytes == null ? 0L : sizeBytes;
        }
    }
}
