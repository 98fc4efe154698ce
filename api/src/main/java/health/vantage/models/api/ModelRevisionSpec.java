package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Optional;

/** The resolved facts. Immutable. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "a ModelRevision never changes: make a new one")
public record ModelRevisionSpec(
        @Required String deployment,
        @Required String model,
        @Required String version,
        @Required String repository,

        @JsonPropertyDescription("What all its variants can do")
        List<String> capabilities,

        @JsonPropertyDescription("From the metadata: the training run")
        String trainingRun,

        @JsonPropertyDescription("From the metadata: the data set")
        String dataset,

        @Required List<TierArtifact> artifacts) {

    public ModelRevisionSpec {
        capabilities = capabilities == null ? List.of() : List.copyOf(capabilities);
        artifacts = artifacts == null ? List.of() : List.copyOf(artifacts);
    }

    public Optional<TierArtifact> forTier(String tier) {
        return artifacts.stream().filter(a -> a.tier().equals(tier)).findFirst();
    }

    /** What one tier's nodes serve. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TierArtifact(
            @Required String tier,
            @Required String variant,
            @Required String digest,
            @JsonPropertyDescription("The tag it came from") String tag,
            @JsonPropertyDescription("Bytes of all layers") Long sizeBytes,

            @JsonPropertyDescription("GPU memory it declares, MiB")
            Long vramMiB,

            @JsonPropertyDescription("Latency it declares, milliseconds")
            Double latencyMs,

            @JsonPropertyDescription("Key id and form of the signature that was accepted")
            String signedBy,

            @PreserveUnknownFields @JsonPropertyDescription("The artifact's whole metadata, as published")
            JsonNode metadata) {}
}
