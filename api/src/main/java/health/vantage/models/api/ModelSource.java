package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Optional;

/** Where a model comes from. Exactly one of {@code capabilities}, {@code version} and {@code digest} is set. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = ModelSource.EXACTLY_ONE,
        message = "set exactly one of model.capabilities, model.version and model.digest")
public record ModelSource(
        @Required
        @Size(min = 1, max = 512)
        @JsonPropertyDescription("Registry and repository, without tag: registry.example/vantage/retina-seg")
        String repository,

        @Size(min = 1, max = 8)
        @JsonPropertyDescription("Capability tags, such as cv3: the artifact must have them all")
        List<String> capabilities,

        @Size(min = 1, max = 128)
        @JsonPropertyDescription("A semver range, such as ~2.4: the newest version that has every variant")
        String version,

        @Pattern("^sha256:[0-9a-f]{64}$") @JsonPropertyDescription("A pinned manifest (one tier) or image index")
        String digest) {

    static final String EXACTLY_ONE =
            "(has(self.capabilities) ? 1 : 0) + (has(self.version) ? 1 : 0) + (has(self.digest) ? 1 : 0) == 1";

    public ModelSource {
        capabilities = capabilities == null || capabilities.isEmpty() ? null : List.copyOf(capabilities);
    }

    /**
     * What is wrong with the choice, for API servers older than 1.25, which drop CEL rules without a word.
     *
     * @return a sentence, or empty if exactly one way of choosing is set
     */
    public Optional<String> problem() {
        long ways = java.util.stream.Stream.of(capabilities, version, digest)
                .filter(java.util.Objects::nonNull)
                .count();
        return ways == 1
                ? Optional.empty()
                : Optional.of("spec.model: set exactly one of capabilities, version and digest; " + ways + " are set");
    }
}
