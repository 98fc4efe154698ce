package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.RolloutStatus;

/** What a member is told: a function of the phase, so that saying it again is always right. */
public final class Instructions {
    private Instructions() {}

    /** The step for one member in the phase that stands in the (already written) status. */
    public static Step stepFor(RolloutStatus status, Member member) {
        return switch (status.phase()) {
            case Staging -> Step.Stage;
            case Canary -> lostOr(member, status.canaries().contains(member.name()) ? Step.Activate : Step.Stage);
            case Committing, Soaking -> lostOr(member, Step.Activate);
            case Confirmed -> lostOr(member, Step.Confirm);
            case Aborting, RolledBack -> Step.Abort;
            // No attempt, no members: the instruction stays what it is.
            case Idle -> member.told().step();
        };
    }

    /** A node lost on the way, within what the quorum allows, goes back alone. */
    private static Step lostOr(Member member, Step step) {
        return member.lost() ? Step.Abort : step;
    }
}
