package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.ACTIVATE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.NOW;
import static health.vantage.models.operator.rollout.AnAttempt.SOAK;
import static health.vantage.models.operator.rollout.AnAttempt.STAGE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.in;
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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RolloutDecisionTest {
    private static final Said STAGED = Said.is(State.Staged).serving(Told.OLD);
    private static final Said PULLING = Said.is(State.Pulling).serving(Told.OLD);
    private static final Said ACTIVE = Said.serves();
    private static final Said BAD = Said.failed("PreflightFailed", "golden sample differs by 0.4");
    private static final Said SICK =
            Said.failed("BackendLost", "the GPU fell off the bus").serving(Told.OLD);
    private static final Quorum ALL = new Quorum.All();
    private static final Duration TICK = Duration.ofMillis(1);

    private static void stays(RolloutDecision decision, Phase phase) {
        assertThat(decision.next().phase()).isEqualTo(phase);
        assertThat(decision.fault()).isEmpty();
    }

    private static void advances(RolloutDecision decision, Phase to) {
        assertThat(decision.next().phase()).isEqualTo(to);
        assertThat(decision.next().phaseSince()).isEqualTo(NOW.toString());
        assertThat(decision.fault()).isEmpty();
        assertThat(decision.next().abortReason()).isNull();
    }

    private static Fault turnsBack(RolloutDecision decision, Reason why) {
        assertThat(decision.next().phase()).isEqualTo(Phase.Aborting);
        assertThat(decision.next().phaseSince()).isEqualTo(NOW.toString());
        assertThat(decision.next().abortReason()).isEqualTo(why.name());
        Fault fault = decision.fault().orElseThrow();
        assertThat(fault.reason()).isEqualTo(why);
        assertThat(decision.next().message()).isEqualTo(fault.message());
        return fault;
    }

    @Nested
    class Staging {
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
            assertThat(decision.next().phaseSince())
                    .isEqualTo(NOW.minusSeconds(1).toString());
        }

        @Test
        void aNodeThatFailsPreflightStopsEveryNode() {
            Fault fault = turnsBack(
                    in(Phase.Staging).nodes(19, STAGED).node("n20", BAD).decide(), Reason.PreflightFailed);
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
            AnAttempt attempt =
                    in(Phase.Staging).expecting(3).node("n1", STAGED).node("n2", STAGED);
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

    @Nested
    class ChoosingCanaries {
        @Test
        void takesSoManyPerTierByName() {
            RolloutDecision decision = in(Phase.Staging)
                    .canaryNodes(2)
                    .node("r3", STAGED)
                    .node("r1", STAGED)
                    .node("r2", STAGED)
                    .member(ANode.named("j1").tier("jetson"), STAGED)
                    .decide();
            assertThat(decision.next().canaries()).containsExactly("j1", "r1", "r2");
        }

        @Test
        void prefersNodesThatCanBeReached() {
            RolloutDecision decision =
                    in(Phase.Staging).away("n1", STAGED).node("n2", STAGED).decide();
            assertThat(decision.next().canaries()).containsExactly("n2");
        }

        @Test
        void neverTakesANodeThatHasNotStagedIt() {
            RolloutDecision decision = in(Phase.Staging)
                    .needs(new Quorum.Share(50))
                    .age(STAGE_TIMEOUT)
                    .node("n1", PULLING)
                    .node("n2", STAGED)
                    .decide();
            assertThat(decision.next().canaries()).containsExactly("n2");
        }

        @ParameterizedTest
        @ValueSource(strings = {"All", "Reachable"})
        void isNotSkippedBecauseEveryNodeIsAwayAtThatMoment(String quorum) {
            RolloutDecision decision = in(Phase.Staging)
                    .needs(Quorum.parse(quorum))
                    .away("n1", STAGED)
                    .away("n2", STAGED)
                    .decide();
            advances(decision, Phase.Canary);
            assertThat(decision.next().canaries()).containsExactly("n1");
        }
    }

    @Nested
    class Canary {
        @Test
        void commitsWhenEveryCanaryServes() {
            RolloutDecision decision = in(Phase.Canary)
                    .canaries("n1", "j1")
                    .node("n1", ACTIVE)
                    .node("n2", STAGED)
                    .member(ANode.named("j1").tier("jetson"), ACTIVE)
                    .decide();
            advances(decision, Phase.Committing);
            assertThat(decision.next().canaries())
                    .as("canaries stay what they were")
                    .containsExactly("n1", "j1");
            assertThat(decision.next().active()).isEqualTo(2);
        }

        @Test
        void waitsForTheCanariesOnly() {
            stays(
                    in(Phase.Canary)
                            .canaries("n1")
                            .node("n1", STAGED)
                            .node("n2", ACTIVE)
                            .decide(),
                    Phase.Canary);
        }

        @Test
        void aCanaryThatFailsStopsEveryNode() {
            Fault fault = turnsBack(
                    in(Phase.Canary)
                            .canaries("n1")
                            .node("n1", Said.failed("CrashedOnLoad", "SIGSEGV in libnvinfer"))
                            .nodes(5, STAGED)
                            .decide(),
                    Reason.CrashedOnLoad);
            assertThat(fault.quarantine()).containsExactly(Told.NEW);
        }

        @Test
        void aSickCanaryIsAFaultOfTheNode() {
            Fault fault = turnsBack(
                    in(Phase.Canary)
                            .canaries("n1")
                            .node("n1", SICK)
                            .nodes(5, STAGED)
                            .decide(),
                    Reason.ActivateFailed);
            assertThat(fault.quarantine()).isEmpty();
            assertThat(fault.nodes()).extracting(NodeProblem::node).containsExactly("n1");
        }

        @Test
        void timesOutExactlyAtTheLimit() {
            AnAttempt attempt =
                    in(Phase.Canary).canaries("n1").node("n1", STAGED).node("n2", STAGED);
            stays(attempt.age(ACTIVATE_TIMEOUT.minus(TICK)).decide(), Phase.Canary);
            turnsBack(attempt.age(ACTIVATE_TIMEOUT).decide(), Reason.ActivateTimeout);
        }

        @Test
        void aCanaryThatServesSomethingElseDoesNotServe() {
            stays(
                    in(Phase.Canary)
                            .canaries("n1")
                            .node("n1", ACTIVE.serving(Told.OLD))
                            .node("n2", STAGED)
                            .decide(),
                    Phase.Canary);
            stays(
                    in(Phase.Canary)
                            .canaries("n1")
                            .node("n1", ACTIVE.serving(null))
                            .node("n2", STAGED)
                            .decide(),
                    Phase.Canary);
        }

        @Test
        void aDeletedCanaryIsNotWaitedFor() {
            advances(
                    in(Phase.Canary)
                            .canaries("n1", "gone")
                            .node("n1", ACTIVE)
                            .node("n2", STAGED)
                            .decide(),
                    Phase.Committing);
            advances(in(Phase.Canary).canaries("gone").node("n2", STAGED).decide(), Phase.Committing);
        }

        @Test
        void aLoneCanaryThatVanishesLeavesNoProof() {
            AnAttempt attempt =
                    in(Phase.Canary).canaries("n1").away("n1", STAGED).node("n2", STAGED);
            stays(attempt.decide(), Phase.Canary);
            turnsBack(attempt.age(ACTIVATE_TIMEOUT).decide(), Reason.NoReachableNodes);
        }
    }

    @Nested
    class Committing {
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
            assertThat(decision.next().staged())
                    .as("activating includes staged")
                    .isEqualTo(2);
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

    @Nested
    class Soaking {
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
            RolloutDecision early = in(Phase.Soaking)
                    .node("n1", ACTIVE)
                    .age(Duration.ofSeconds(10))
                    .decide();
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
            RolloutDecision decision = in(Phase.Soaking)
                    .node("n1", ACTIVE.counted(requests, 0, p99))
                    .decide();
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

    @Nested
    class Aborting {
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
            assertThat(attempt.age(ACTIVATE_TIMEOUT.multipliedBy(2))
                            .decide()
                            .next()
                            .phase())
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
            stays(
                    in(Phase.Aborting)
                            .firstEver()
                            .node("n1", BAD.serving(Told.NEW))
                            .decide(),
                    Phase.Aborting);
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

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Idle", "Confirmed", "RolledBack"})
    void whatIsSettledStaysSettledWhateverNodesSay(Phase phase) {
        RolloutDecision decision = in(phase)
                .because("SoakFailed", "as it was")
                .node("n1", BAD)
                .node("n2", ACTIVE)
                .superseded()
                .age(Duration.ofDays(30))
                .decide();
        stays(decision, phase);
        assertThat(decision.next().message()).isEqualTo("as it was");
        assertThat(decision.next().phaseSince())
                .isEqualTo(NOW.minus(Duration.ofDays(30)).toString());
    }

    @Test
    void whatAnAttemptIsAboutNeverChangesOnTheWay() {
        for (Phase phase : Phase.values()) {
            for (Said said : new Said[] {null, PULLING, STAGED, ACTIVE, BAD, SICK}) {
                Attempt before =
                        in(phase).canaries("n1").node("n1", said).age(SOAK).attempt();
                var after = RolloutDecision.decide(before).next();
                assertThat(after.epoch()).isEqualTo(2);
                assertThat(after.revision()).isEqualTo("retina-seg-2");
                assertThat(after.version()).isEqualTo("2.0.0");
                assertThat(after.previous()).isEqualTo("retina-seg-1");
                assertThat(after.generation()).isEqualTo(7);
                assertThat(after.startedAt()).isEqualTo(before.status().startedAt());
            }
        }
    }

    @Test
    void manyFailingNodesAreCountedButOnlyTenAreListed() {
        RolloutDecision decision = in(Phase.Staging).nodes(2_000, BAD).decide();
        assertThat(decision.failing()).hasSize(10);
        assertThat(decision.next().failed()).isEqualTo(2_000);
        assertThat(decision.next().message()).contains("and 1999 more nodes").hasSizeLessThan(200);
        assertThat(in(Phase.Aborting).nodes(2_000, BAD).decide().failing()).hasSize(10);
    }

    @Test
    void confirmedNodesAreCountedOnceTheySaySo() {
        RolloutDecision decision = in(Phase.Confirmed)
                .node("n1", Said.is(State.Confirmed).serving(Told.NEW))
                .node("n2", ACTIVE)
                .decide();
        assertThat(decision.next().confirmed()).isEqualTo(1);
        assertThat(decision.next().active()).isEqualTo(2);
    }
}
