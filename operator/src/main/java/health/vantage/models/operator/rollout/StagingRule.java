package health.vantage.models.operator.rollout;

import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import java.util.List;

/** Every node pulls, verifies and preflights; nothing that serves changes. */
final class StagingRule implements PhaseRule {
    @Override
    public Verdict judge(Attempt attempt) {
        if (attempt.superseded()) {
            // Nothing serves it yet, so a person's correction need not wait for it.
            return new Verdict.TurnBack(Fault.ofNobody(
                    Reason.Superseded, "the spec asks for another revision now; this one was only staged"));
        }
        if (attempt.members().size() < attempt.status().nodes()
                && attempt.age().compareTo(attempt.policy().stageTimeout()) < 0) {
            // A failure is one whether or not the others have been told: they need not pull what is known to be bad.
            List<Member> lost = attempt.members().stream().filter(Member::lost).toList();
            if (lost.size() > attempt.policy().quorum().mayFail(attempt.status().nodes())) {
                return new Verdict.TurnBack(
                        Fault.ofNodes(Reason.StageFailed, lost, attempt.status().nodes()));
            }
            return new Verdict.Stay("telling nodes: " + attempt.members().size() + " of "
                    + attempt.status().nodes());
        }
        Phase next = attempt.policy().canaryNodes() == 0 ? Phase.Committing : Phase.Canary;
        return new Progress(attempt.members(), Member::staged, attempt.policy().quorum())
                .judge(
                        attempt.age(),
                        attempt.policy().stageTimeout(),
                        Reason.StageFailed,
                        Reason.StageTimeout,
                        new Verdict.Advance(next, "staged on every required node"),
                        "staging");
    }
}
