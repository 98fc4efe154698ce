package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.ACTIVATE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.ACTIVE;
import static health.vantage.models.operator.rollout.Decisions.ALL;
import static health.vantage.models.operator.rollout.Decisions.SICK;
import static health.vantage.models.operator.rollout.Decisions.STAGED;
import static health.vantage.models.operator.rollout.Decisions.TICK;
import static health.vantage.models.operator.rollout.Decisions.advances;
import static health.vantage.models.operator.rollout.Decisions.stays;
import static health.vantage.models.operator.rollout.Decisions.turnsBack;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommittingRuleTest {
    @Test
    void soaksWhenEveryNodeServes() {
        advances(in(Phase.Committing).node("n1", ACTIVE).node("n2", ACTIVE).decide(), Phase.Soaking);
    }

    @Test
    void waitsForTheLastNode() {
        RolloutDecision decision = in(Phase.Committing)
                .node("n1", ACTIVE)
                .node("n2", Said.is(State.Activating).serving(Told.OLD))
                .decide();
        stays(decision, Phase.Committing);
        assertThat(decision.next().message()).isEqualTo("activating: 1 of 2 nodes");
        assertThat(decision.next().staged()).as("activating includes staged").isEqualTo(2);
    }

    @Test
    void aNodeThatFailsToActivateTakesEveryNodeBack() {
        turnsBack(in(Phase.Committing).nodes(19, ACTIVE).node("n20", SICK).decide(), Reason.ActivateFailed);
    }

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"Failed", "Reverting", "Reverted"})
    void aNodeThatWentBackByItselfTakesEveryNodeBack(State state) {
        turnsBack(
                in(Phase.Committing)
                        .node("n1", ACTIVE)
                        .node("n2", Said.is(state).serving(Told.OLD))
                        .decide(),
                Reason.ActivateFailed);
    }

    @Test
    void timesOutExactlyAtTheLimit() {
        AnAttempt attempt = in(Phase.Committing).node("n1", ACTIVE).node("n2", STAGED);
        stays(attempt.age(ACTIVATE_TIMEOUT.minus(TICK)).decide(), Phase.Committing);
        Fault fault = turnsBack(attempt.age(ACTIVATE_TIMEOUT).decide(), Reason.ActivateTimeout);
        assertThat(fault.message()).isEqualTo("activating took longer than 120 s on n2");
    }

    @Test
    void aNodeThatWentOfflineBeforeCommitCatchesUpLater() {
        AnAttempt attempt = in(Phase.Committing).node("n1", ACTIVE).away("n2", STAGED);
        advances(attempt.decide(), Phase.Soaking);
        stays(attempt.needs(ALL).decide(), Phase.Committing);
        turnsBack(attempt.age(ACTIVATE_TIMEOUT).decide(), Reason.ActivateTimeout);
    }

    @Test
    void aShareToleratesLosses() {
        advances(
                in(Phase.Committing)
                        .needs(new Quorum.Share(90))
                        .nodes(9, ACTIVE)
                        .node("x", SICK)
                        .decide(),
                Phase.Soaking);
    }

    @Test
    void withEveryNodeDeletedItDoesNotHang() {
        stays(in(Phase.Committing).age(ACTIVATE_TIMEOUT.minus(TICK)).decide(), Phase.Committing);
        turnsBack(in(Phase.Committing).age(ACTIVATE_TIMEOUT).decide(), Reason.NoReachableNodes);
    }
}
