package health.vantage.models.operator.rollout;

import health.vantage.models.api.RolloutStatus.Phase;
import java.util.List;

/**
 * Every node returns to last good. An abort cannot fail: a node that is away, or slow, finds the instruction when it
 * comes, and the phase ends without it.
 */
final class AbortingRule implements PhaseRule {
    @Override
    public Verdict judge(Attempt attempt) {
        List<Member> away =
                attempt.members().stream().filter(member -> !member.back()).toList();
        boolean waited =
                attempt.age().compareTo(attempt.policy().activateTimeout().multipliedBy(2)) >= 0;
        if (away.stream().noneMatch(Member::reachable) || waited) {
            return new Verdict.Advance(
                    Phase.RolledBack,
                    away.isEmpty()
                            ? "every node is back"
                            : away.size() + " nodes are not back yet; they go back when they return");
        }
        return new Verdict.Stay("going back: " + (attempt.members().size() - away.size()) + " of "
                + attempt.members().size() + " nodes");
    }
}
