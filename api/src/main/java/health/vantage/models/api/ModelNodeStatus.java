package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Optional;

/** What a node's runner knows. Written by it alone, on change, at most a few times a minute for progress. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelNodeStatus(
        Runner runner,

        @JsonPropertyDescription("The runner's own reading; used where no node label says")
        List<Gpu> gpus,

        List<Backend> backends,
        List<ModelState> models,
        Cache cache,
        List<Condition> conditions) {

    public ModelNodeStatus {
        gpus = gpus == null ? List.of() : List.copyOf(gpus);
        backends = backends == null ? List.of() : List.copyOf(backends);
        models = models == null ? List.of() : List.copyOf(models);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    public Optional<ModelState> model(String name) {
        return models.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /** The process that serves. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Runner(String version, String startedAt, Integer grpcPort) {}

    /** One GPU, or the memory a Jetson shares with the OS. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Gpu(
            Integer index,
            String product,
            Long memoryMiB,
            Long freeMiB,

            @JsonPropertyDescription("Whether the memory is shared with the OS")
            Boolean shared) {}

    /** An engine that can run models, or exactly why it cannot. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Backend(
            String name,
            String version,

            @JsonPropertyDescription("Model formats it loads")
            List<String> formats,

            Boolean available,
            String message) {}

    /** What the cache holds. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Cache(
            Long usedBytes,
            Long freeBytes,

            @JsonPropertyDescription("Digests of whole models; at most 50")
            List<String> models) {}

    /** One model on this node. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ModelState(
            @Required String name,

            @Required @JsonPropertyDescription("The epoch this state speaks of")
            Long epoch,

            @Required State state,

            @JsonPropertyDescription("The digest that answers requests now")
            String activeDigest,

            String activeVersion,
            String stagedDigest,
            String lastGoodDigest,

            @JsonPropertyDescription("Why it failed: one CamelCase word")
            String reason,

            String message,
            Long pulledBytes,
            Long totalBytes,

            @JsonPropertyDescription("The process that serves it, so that counters of two lives are not mixed")
            String since,

            @JsonPropertyDescription("Requests answered by the active digest in this epoch")
            Long requests,

            Long errors,

            @JsonPropertyDescription("99th percentile latency of those, milliseconds")
            Double p99Millis,

            @JsonPropertyDescription("MiB that the active digest's metadata says it needs on its device")
            Long declaredMemoryMiB,

            @JsonPropertyDescription("MiB that it was seen to take there; none where that cannot be told")
            Long measuredMemoryMiB) {

        public ModelState {
            epoch = epoch == null ? 0L : epoch;
            requests = requests == null ? 0L : requests;
            errors = errors == null ? 0L : errors;
            p99Millis = p99Millis == null ? 0.0 : p99Millis;
        }
    }

    /** How far a model is on a node. */
    public enum State {
        Pulling,
        Preflight,
        Staged,
        Activating,
        Active,
        Confirmed,
        Reverting,
        /** Back on last good, or on nothing where there is none. */
        Reverted,
        /** The step failed; reason and message say why, what served before still serves. */
        Failed
    }
}
