package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.ACTIVATE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.NOW;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.ACTIVE;
import static health.vantage.models.operator.rollout.Decisions.BAD;
import static health.vantage.models.operator.rollout.Decisions.TICK;
import static health.vantage.models.operator.rollout.Decisions.stays;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import org.junit.jupiter.api.Test;

class AbortingRuleTest {
    private static final Said BACK = Said.is(State.Reverted).serving(Told.OLD);

    @Test
    void endsWhenEveryNodeIsBack() {
        RolloutDecision decision = in(Phase.Aborting)
                .because("SoakFailed", "node n1: 50 of 100 requests failed")
                .node("n1", BACK)
                .node("n2", BACK)
                .decide();
        assertThat(decision.next().phase()).isEqualTo(Phase.RolledBack);
        assertThat(decision.next().phaseSince()).isEqualTo(NOW.toString());
        assertThat(decision.next().message())
                .as("what people want to know is still why")
                .isEqualTo("node n1: 50 of 100 requests failed");
        assertThat(decision.next().abortReason()).isEqualTo("SoakFailed");
    }

    @Test
    void keepsSayingWhyWhileNodesGoBack() {
        RolloutDecision decision = in(Phase.Aborting)
                .because("SoakFailed", "node n1: 50 of 100 requests failed")
                .node("n1", BACK)
                .node("n2", ACTIVE)
                .decide();
        stays(decision, Phase.Aborting);
        assertThat(decision.next().message()).isEqualTo("node n1: 50 of 100 requests failed");
        assertThat(decision.next().abortReason()).isEqualTo("SoakFailed");
        assertThat(decision.next().failed()).isEqualTo(1);
    }

    @Test
    void doesNotWaitForNodesThatAreAway() {
        assertThat(in(Phase.Aborting)
                        .node("n1", BACK)
                        .away("n2", ACTIVE)
                        .away("n3", null)
                        .decide()
                        .next()
                        .phase())
                .isEqualTo(Phase.RolledBack);
    }

    @Test
    void waitsForASlowNodeUntilTwiceTheActivateTimeout() {
        AnAttempt attempt = in(Phase.Aborting).node("n1", BACK).node("n2", ACTIVE);
        stays(attempt.age(ACTIVATE_TIMEOUT.multipliedBy(2).minus(TICK)).decide(), Phase.Aborting);
        assertThat(attempt.age(ACTIVATE_TIMEOUT.multipliedBy(2)).decide().next().phase())
                .isEqualTo(Phase.RolledBack);
    }

    @Test
    void aNodeThatNeverHeardOfTheEpochIsWaitedForToo() {
        stays(in(Phase.Aborting).node("n1", null).decide(), Phase.Aborting);
    }

    @Test
    void aFailedNodeThatServesLastGoodIsWhereItShouldBe() {
        assertThat(in(Phase.Aborting)
                        .node("n1", BAD.serving(Told.OLD))
                        .decide()
                        .next()
                        .phase())
                .isEqualTo(Phase.RolledBack);
        stays(in(Phase.Aborting).node("n1", BAD.serving(Told.NEW)).decide(), Phase.Aborting);
        stays(in(Phase.Aborting).node("n1", BAD.serving(null)).decide(), Phase.Aborting);
    }

    @Test
    void aFirstEverRolloutGoesBackToNothing() {
        assertThat(in(Phase.Aborting)
                        .firstEver()
                        .node("n1", BAD)
                        .node("n2", Said.is(State.Reverted))
                        .decide()
                        .next()
                        .phase())
                .isEqualTo(Phase.RolledBack);
        stays(in(Phase.Aborting).firstEver().node("n1", BAD.serving(Told.NEW)).decide(), Phase.Aborting);
    }

    @Test
    void aNewFailureWhileGoingBackChangesNothing() {
        RolloutDecision decision = in(Phase.Aborting)
                .because("StageTimeout", "staging took longer than 900 s on n2")
                .node("n1", BAD.serving(Told.NEW))
                .superseded()
                .decide();
        stays(decision, Phase.Aborting);
        assertThat(decision.next().abortReason()).isEqualTo("StageTimeout");
    }
}
