package health.vantage.models.operator.rollout;

import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;

/** Every node swaps. */
final class CommittingRule implements PhaseRule {
    @Override
    public Verdict judge(Attempt attempt) {
        return new Progress(attempt.members(), Member::serves, attempt.policy().quorum())
                .judge(
                        attempt.age(),
                        attempt.policy().activateTimeout(),
                        Reason.ActivateFailed,
                        Reason.ActivateTimeout,
                        new Verdict.Advance(Phase.Soaking, "every required node serves it"),
                        "activating");
    }
}
