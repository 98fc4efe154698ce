package health.vantage.models.operator.rollout;

import health.vantage.models.api.RolloutStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One attempt as it stands: everything a rule may look at.
 *
 * @param members the nodes that take part; each carries an instruction of this epoch
 * @param latencyMs what the metadata declares, by tier, in milliseconds
 * @param superseded whether the spec now asks for another revision than this attempt's
 */
public record Attempt(
        RolloutStatus status,
        List<Member> members,
        Policy policy,
        Map<String, Double> latencyMs,
        boolean superseded,
        Instant now) {

    /** Time since the phase began. */
    Duration age() {
        return Duration.between(Instant.parse(status.phaseSince()), now);
    }

    List<Member> canaries() {
        return members.stream()
                .filter(member -> status.canaries().contains(member.name()))
                .toList();
    }
}
