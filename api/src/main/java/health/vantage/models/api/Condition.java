package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/**
 * One aspect of an object's state, after the Kubernetes API conventions ({@code metav1.Condition}).
 *
 * <p>A record of our own, since a real API server rejects explicit nulls: a message is never null here, and
 * {@code lastTransitionTime} moves only when {@code status} does.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required String type,

        @Required @JsonPropertyDescription("True, False or Unknown")
        Status status,

        @JsonPropertyDescription("The generation of the spec that this was judged on")
        Long observedGeneration,

        @Required @JsonPropertyDescription("RFC 3339; moves only when status does")
        String lastTransitionTime,

        @Required @JsonPropertyDescription("One CamelCase word; docs/operations.md has an entry for each")
        String reason,

        @Required @JsonPropertyDescription("What, where, and what to do")
        String message) {

    /** The three values a condition can have. */
    public enum Status {
        True,
        False,
        Unknown
    }

    public Condition {
        message = message == null ? "" : message;
    }

    /** Whether everything but the transition time is the same. */
    public boolean says(Condition other) {
        return other != null
                && type.equals(other.type)
                && status == other.status
                && reason.equals(other.reason)
                && message.equals(other.message)
                && java.util.Objects.equals(observedGeneration, other.observedGeneration);
    }
}
