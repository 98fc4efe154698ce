package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.NOW;
import static health.vantage.models.operator.rollout.AnAttempt.STAGE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.ACTIVE;
import static health.vantage.models.operator.rollout.Decisions.ALL;
import static health.vantage.models.operator.rollout.Decisions.BAD;
import static health.vantage.models.operator.rollout.Decisions.PULLING;
import static health.vantage.models.operator.rollout.Decisions.SICK;
import static health.vantage.models.operator.rollout.Decisions.STAGED;
import static health.vantage.models.operator.rollout.Decisions.TICK;
import static health.vantage.models.operator.rollout.Decisions.advances;
import static health.vantage.models.operator.rollout.Decisions.stays;
import static health.vantage.models.operator.rollout.Decisions.turnsBack;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Told;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StagingRuleTest {
    @Test
    void goesOnToTheCanariesWhenEveryNodeHasIt() {
        RolloutDecision decision =
                in(Phase.Staging).node("n2", STAGED).node("n1", STAGED).decide();
        advances(decision, Phase.Canary);
        assertThat(decision.next().canaries()).containsExactly("n1");
        assertThat(decision.next().staged()).isEqualTo(2);
    }

    @Test
    void skipsTheCanariesWhereNobodyWantsOne() {
        advances(in(Phase.Staging).canaryNodes(0).node("n1", STAGED).decide(), Phase.Committing);
    }

    @Test
    void waitsForTheLastNode() {
        RolloutDecision decision = in(Phase.Staging)
                .node("n1", STAGED)
                .node("n2", PULLING)
                .node("n3", null)
                .decide();
        stays(decision, Phase.Staging);
        assertThat(decision.next().message()).isEqualTo("staging: 1 of 3 nodes");
        assertThat(decision.next().phaseSince()).isEqualTo(NOW.minusSeconds(1).toString());
    }

    @Test
    void aNodeThatFailsPreflightStopsEveryNode() {
        Fault fault =
                turnsBack(in(Phase.Staging).nodes(19, STAGED).node("n20", BAD).decide(), Reason.PreflightFailed);
        assertThat(fault.message()).isEqualTo("node n20: golden sample differs by 0.4");
        assertThat(fault.quarantine()).containsExactly(Told.NEW);
        assertThat(fault.nodes())
                .containsExactly(new NodeProblem("n20", "PreflightFailed", "golden sample differs by 0.4"));
    }

    @Test
    void aFailureIsSeenBeforeEveryNodeHasBeenTold() {
        turnsBack(
                in(Phase.Staging)
                        .expecting(20)
                        .node("n1", BAD)
                        .node("n2", STAGED)
                        .decide(),
                Reason.PreflightFailed);
    }

    @Test
    void doesNotGoOnBeforeEveryNodeHasBeenTold() {
        RolloutDecision decision = in(Phase.Staging)
                .expecting(3)
                .node("n1", STAGED)
                .node("n2", STAGED)
                .decide();
        stays(decision, Phase.Staging);
        assertThat(decision.next().message()).isEqualTo("telling nodes: 2 of 3");
        assertThat(decision.next().nodes()).as("still three").isEqualTo(3);
    }

    @Test
    void aNodeDeletedMeanwhileIsNotWaitedForForever() {
        AnAttempt attempt = in(Phase.Staging).expecting(3).node("n1", STAGED).node("n2", STAGED);
        stays(attempt.age(STAGE_TIMEOUT.minus(TICK)).decide(), Phase.Staging);
        RolloutDecision late = attempt.age(STAGE_TIMEOUT).decide();
        advances(late, Phase.Canary);
        assertThat(late.next().nodes()).isEqualTo(2);
    }

    @Test
    void timesOutExactlyAtTheLimitAndBlamesNoArtifact() {
        AnAttempt attempt = in(Phase.Staging)
                .node("n1", STAGED)
                .node("n2", PULLING.saying("40 % pulled"))
                .node("n3", null);
        stays(attempt.age(STAGE_TIMEOUT.minus(TICK)).decide(), Phase.Staging);
        Fault fault = turnsBack(attempt.age(STAGE_TIMEOUT).decide(), Reason.StageTimeout);
        assertThat(fault.message()).isEqualTo("staging took longer than 900 s on n2 and 1 more nodes");
        assertThat(fault.quarantine()).isEmpty();
        assertThat(fault.nodes())
                .containsExactly(
                        new NodeProblem("n2", "StageTimeout", "40 % pulled"),
                        new NodeProblem("n3", "StageTimeout", "gave no reason"));
    }

    @Test
    void aNewWishTurnsBackWhatIsOnlyStaged() {
        Fault fault =
                turnsBack(in(Phase.Staging).node("n1", STAGED).superseded().decide(), Reason.Superseded);
        assertThat(fault.quarantine()).isEmpty();
        assertThat(fault.nodes()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Canary", "Committing", "Soaking"})
    void aNewWishWaitsForWhatAlreadyServes(Phase phase) {
        stays(
                in(phase)
                        .canaries("n1")
                        .node("n1", ACTIVE)
                        .node("n2", STAGED)
                        .superseded()
                        .decide(),
                switch (phase) {
                    case Canary -> Phase.Committing;
                    default -> phase;
                });
    }

    @Test
    void aNodeThatIsAwayIsWaitedForOnlyWhereTheSpecInsists() {
        AnAttempt attempt = in(Phase.Staging).node("n1", STAGED).away("n2", PULLING);
        advances(attempt.decide(), Phase.Canary);
        stays(attempt.needs(ALL).decide(), Phase.Staging);
        turnsBack(attempt.age(STAGE_TIMEOUT).decide(), Reason.StageTimeout);
    }

    @Test
    void withNobodyThereItWaitsUntilTheLimitAndSaysSo() {
        AnAttempt attempt = in(Phase.Staging).away("n1", PULLING).away("n2", null);
        stays(attempt.age(STAGE_TIMEOUT.minus(TICK)).decide(), Phase.Staging);
        Fault fault = turnsBack(attempt.age(STAGE_TIMEOUT).decide(), Reason.NoReachableNodes);
        assertThat(fault.message()).contains("no node could be reached", "900 s");
    }

    @Test
    void aReportOfAnotherEpochIsNoReport() {
        stays(in(Phase.Staging).node("n1", STAGED.in(1)).decide(), Phase.Staging);
        stays(in(Phase.Staging).node("n1", BAD.in(1)).decide(), Phase.Staging);
    }

    @Test
    void aShareToleratesLossesAndNotOneMore() {
        Quorum ninety = new Quorum.Share(90);
        advances(
                in(Phase.Staging)
                        .needs(ninety)
                        .nodes(18, STAGED)
                        .node("x", SICK)
                        .node("y", SICK)
                        .decide(),
                Phase.Canary);
        turnsBack(
                in(Phase.Staging)
                        .needs(ninety)
                        .nodes(17, STAGED)
                        .node("x", SICK)
                        .node("y", SICK)
                        .node("z", SICK)
                        .decide(),
                Reason.StageFailed);
    }

    @Test
    void aShareWaitsForTheSlowUntilTheLimitThenGoesWithoutThem() {
        AnAttempt attempt = in(Phase.Staging)
                .needs(new Quorum.Share(90))
                .nodes(18, STAGED)
                .node("x", SICK)
                .node("y", PULLING);
        stays(attempt.age(STAGE_TIMEOUT.minus(TICK)).decide(), Phase.Staging);
        advances(attempt.age(STAGE_TIMEOUT).decide(), Phase.Canary);
        turnsBack(attempt.node("z", PULLING).age(STAGE_TIMEOUT).decide(), Reason.StageTimeout);
    }

    @Test
    void aLossWithinTheShareIsStillShown() {
        RolloutDecision decision = in(Phase.Staging)
                .needs(new Quorum.Share(50))
                .node("n1", STAGED)
                .node("n2", SICK)
                .decide();
        advances(decision, Phase.Canary);
        assertThat(decision.failing())
                .containsExactly(new NodeProblem("n2", "BackendLost", "the GPU fell off the bus"));
        assertThat(decision.next().failed()).isEqualTo(1);
    }
}
