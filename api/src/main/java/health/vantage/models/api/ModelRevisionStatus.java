package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What became of a revision, and when it served. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelRevisionStatus(
        Outcome outcome,

        @JsonPropertyDescription("When it was last confirmed")
        String confirmedAt,

        @JsonPropertyDescription("When another took its place")
        String retiredAt,

        @JsonPropertyDescription("Why it was turned back") String message) {

    /** What became of it. */
    public enum Outcome {
        RollingOut,
        Confirmed,
        Superseded,
        RolledBack
    }
}
