package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.ACTIVATE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.SOAK;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.ACTIVE;
import static health.vantage.models.operator.rollout.Decisions.STAGED;
import static health.vantage.models.operator.rollout.Decisions.TICK;
import static health.vantage.models.operator.rollout.Decisions.advances;
import static health.vantage.models.operator.rollout.Decisions.stays;
import static health.vantage.models.operator.rollout.Decisions.turnsBack;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoakingRuleTest {
    @Test
    void confirmsExactlyWhenSoakIsOver() {
        AnAttempt attempt = in(Phase.Soaking).node("n1", ACTIVE).node("n2", ACTIVE);
        stays(attempt.age(SOAK.minus(TICK)).decide(), Phase.Soaking);
        advances(attempt.age(SOAK).decide(), Phase.Confirmed);
    }

    @Test
    void isNotConfirmedOnTheWordOfNodesThatAreAllAway() {
        AnAttempt attempt = in(Phase.Soaking).away("n1", ACTIVE).node("n2", STAGED);
        stays(attempt.age(SOAK).decide(), Phase.Soaking);
        stays(attempt.age(SOAK.plus(ACTIVATE_TIMEOUT).minus(TICK)).decide(), Phase.Soaking);
        Fault fault = turnsBack(attempt.age(SOAK.plus(ACTIVATE_TIMEOUT)).decide(), Reason.NoReachableNodes);
        assertThat(fault.quarantine()).isEmpty();
        advances(attempt.node("n3", ACTIVE).decide(), Phase.Confirmed);
    }

    @Test
    void withEveryNodeDeletedNothingIsConfirmed() {
        turnsBack(in(Phase.Soaking).age(SOAK.plus(ACTIVATE_TIMEOUT)).decide(), Reason.NoReachableNodes);
    }

    @Test
    void saysTheSameAtEveryLookSoThatStatusIsNotWrittenForTheClock() {
        RolloutDecision early =
                in(Phase.Soaking).node("n1", ACTIVE).age(Duration.ofSeconds(10)).decide();
        assertThat(early.next().message()).isEqualTo("soaking until 2026-06-01T12:00:50Z");
    }

    @ParameterizedTest(name = "{1} of {0} requests failed after {2} s: goes back {3}")
    @CsvSource({
        "1000, 10, 1, false",
        "1000, 11, 1, true",
        "10, 1, 1, true",
        "9, 9, 1, false",
        "9, 9, 60, true",
        "2, 1, 60, true",
        "0, 0, 60, false",
    })
    void turnsBackOnMoreErrorsThanAllowed(long requests, long errors, long age, boolean back) {
        RolloutDecision decision = in(Phase.Soaking)
                .node("n1", ACTIVE.counted(requests, errors, 5))
                .node("n2", ACTIVE)
                .age(Duration.ofSeconds(age))
                .decide();
        if (back) {
            Fault fault = turnsBack(decision, Reason.SoakFailed);
            assertThat(fault.message())
                    .isEqualTo("node n1: " + errors + " of " + requests
                            + " requests failed, more than 1.0 % (rollout.maxErrorRate)");
        } else {
            assertThat(decision.fault()).isEmpty();
        }
    }

    @ParameterizedTest(name = "p99 {1} ms over {0} requests: goes back {2}")
    @CsvSource({"20, 30.0, false", "20, 30.1, true", "19, 500, false", "100000, 31, true"})
    void turnsBackOnLatencyOverTheDeclaredTimesTheFactor(long requests, double p99, boolean back) {
        RolloutDecision decision =
                in(Phase.Soaking).node("n1", ACTIVE.counted(requests, 0, p99)).decide();
        if (back) {
            assertThat(turnsBack(decision, Reason.SoakFailed).message())
                    .contains("n1", "over 30.0 ms", "latencyMs 10.0");
        } else {
            stays(decision, Phase.Soaking);
        }
    }

    @Test
    void eachTierIsMeasuredAgainstWhatItsOwnArtifactDeclares() {
        stays(
                in(Phase.Soaking)
                        .member(ANode.named("j1").tier("jetson"), ACTIVE.counted(100, 0, 119))
                        .decide(),
                Phase.Soaking);
    }

    @Test
    void whereNoLatencyIsDeclaredNoneIsHeldAgainstIt() {
        stays(
                in(Phase.Soaking)
                        .undeclaredLatency()
                        .node("n1", ACTIVE.counted(100, 0, 9_999))
                        .decide(),
                Phase.Soaking);
    }

    @Test
    void aNodeThatWentBackByItselfTakesEveryNodeBack() {
        turnsBack(
                in(Phase.Soaking)
                        .nodes(19, ACTIVE)
                        .node("n20", Said.is(State.Reverted).serving(Told.OLD))
                        .decide(),
                Reason.SoakFailed);
    }

    @Test
    void oneBadNodeOfManyIsAFaultOfTheNodeSeveralAreAFaultOfTheArtifact() {
        Said failing = ACTIVE.counted(100, 50, 5);
        assertThat(in(Phase.Soaking)
                        .nodes(19, ACTIVE)
                        .node("x", failing)
                        .decide()
                        .fault()
                        .orElseThrow()
                        .quarantine())
                .isEmpty();
        assertThat(in(Phase.Soaking)
                        .nodes(18, ACTIVE)
                        .node("x", failing)
                        .node("y", failing)
                        .decide()
                        .fault()
                        .orElseThrow()
                        .quarantine())
                .containsExactly(Told.NEW);
    }

    @Test
    void whenOneNodeTurnsItBackTheOthersFewFailuresCountAsWell() {
        Fault fault = turnsBack(
                in(Phase.Soaking)
                        .node("n1", ACTIVE.counted(12, 12, 5))
                        .node("n2", ACTIVE.counted(3, 3, 5))
                        .node("n3", ACTIVE.counted(50, 0, 5))
                        .decide(),
                Reason.SoakFailed);
        assertThat(fault.nodes()).extracting(NodeProblem::node).containsExactly("n1", "n2");
        assertThat(fault.quarantine()).isNotEmpty();
    }

    @Test
    void theOnlyNodeThereIsSpeaksForTheArtifact() {
        assertThat(in(Phase.Soaking)
                        .node("n1", ACTIVE.counted(100, 50, 5))
                        .decide()
                        .fault()
                        .orElseThrow()
                        .quarantine())
                .containsExactly(Told.NEW);
    }

    @Test
    void aShareToleratesANodeThatSoaksBadly() {
        advances(
                in(Phase.Soaking)
                        .needs(new Quorum.Share(90))
                        .nodes(9, ACTIVE)
                        .node("x", ACTIVE.counted(100, 50, 5))
                        .age(SOAK)
                        .decide(),
                Phase.Confirmed);
    }

    @Test
    void theCountersOfANodeThatDoesNotServeItMeanNothing() {
        stays(
                in(Phase.Soaking)
                        .node("n1", ACTIVE)
                        .node("n2", STAGED.counted(100, 100, 5))
                        .decide(),
                Phase.Soaking);
    }
}
