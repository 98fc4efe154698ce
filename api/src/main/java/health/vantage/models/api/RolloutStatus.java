package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/**
 * Where the rollout stands. Everything a restarted operator needs is here and in the ModelNodes: it is written before
 * any node is told, guarded by the resourceVersion.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RolloutStatus(
        @JsonPropertyDescription("Raised once per attempt; nodes ignore instructions of an older one")
        Long epoch,

        Phase phase,

        @JsonPropertyDescription("The revision of this attempt")
        String revision,

        @JsonPropertyDescription("Its version") String version,

        @JsonPropertyDescription("Where an abort of this attempt returns to; none on the first ever")
        String previous,

        @JsonPropertyDescription("The generation of the spec that started this attempt")
        Long generation,

        @JsonPropertyDescription("Nodes that joined later wait for the end of this attempt")
        String startedAt,

        @JsonPropertyDescription("Deadlines count from here")
        String phaseSince,

        @JsonPropertyDescription("Nodes that activate first")
        List<String> canaries,

        @JsonPropertyDescription("Nodes that take part") Integer nodes,
        Integer staged,
        Integer active,
        Integer confirmed,
        Integer failed,

        @JsonPropertyDescription("Why it stands where it stands")
        String message,

        @JsonPropertyDescription("The reason of an abort") String abortReason) {

    public RolloutStatus {
        epoch = epoch == null ? 0L : epoch;
        phase = phase == null ? Phase.Idle : phase;
        canaries = canaries == null ? List.of() : List.copyOf(canaries);
        nodes = orZero(nodes);
        staged = orZero(staged);
        active = orZero(active);
        confirmed = orZero(confirmed);
        failed = orZero(failed);
    }

    /** A settled attempt that a person wants to have tried again: as if no generation had started it. */
    public RolloutStatus dueAgain() {
        return new RolloutStatus(
                epoch,
                phase,
                revision,
                version,
                previous,
                null,
                startedAt,
                phaseSince,
                canaries,
                nodes,
                staged,
                active,
                confirmed,
                failed,
                message,
                abortReason);
    }

    /** The same attempt with another number of nodes that take part. */
    public RolloutStatus among(int count) {
        return new RolloutStatus(
                epoch,
                phase,
                revision,
                version,
                previous,
                generation,
                startedAt,
                phaseSince,
                canaries,
                count,
                staged,
                active,
                confirmed,
                failed,
                message,
                abortReason);
    }

    private static Integer orZero(Integer count) {
        return count == null ? 0 : count;
    }

    /** {@code Idle -> Staging -> Canary -> Committing -> Soaking -> Confirmed}, and from any {@code -> Aborting -> RolledBack}. */
    public enum Phase {
        Idle,
        Staging,
        Canary,
        Committing,
        Soaking,
        Confirmed,
        Aborting,
        RolledBack;

        /** Whether an attempt is under way: nodes have been told something that is not settled yet. */
        public boolean underWay() {
            return switch (this) {
                case Staging, Canary, Committing, Soaking, Aborting -> true;
                case Idle, Confirmed, RolledBack -> false;
            };
        }
    }
}
