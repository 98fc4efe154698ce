package health.vantage.models.operator.rollout;

import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;

/** A few nodes serve it first. */
final class CanaryRule implements PhaseRule {
    @Override
    public Verdict judge(Attempt attempt) {
        var commit = new Verdict.Advance(Phase.Committing, "the canaries serve it");
        // The canaries may all have been deleted meanwhile: then there is nobody to wait for.
        return attempt.canaries().isEmpty()
                ? commit
                : new Progress(
                                attempt.canaries(),
                                Member::serves,
                                attempt.policy().quorum())
                        .judge(
                                attempt.age(),
                                attempt.policy().activateTimeout(),
                                Reason.ActivateFailed,
                                Reason.ActivateTimeout,
                                commit,
                                "activating canaries");
    }
}
