package health.vantage.models.operator.plan;

import static health.vantage.models.operator.plan.Told.MODEL;
import static health.vantage.models.operator.plan.Told.OLD;
import static health.vantage.models.operator.plan.Told.UID;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.operator.Reason;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VramLedgerTest {
    private static Fit fit(ANode node, long needMiB) {
        return VramLedger.fit(node.facts(), UID, MODEL, needMiB, List.of());
    }

    private static Fit.Misfit misfit(Fit fit) {
        assertThat(fit).isInstanceOf(Fit.Misfit.class);
        return (Fit.Misfit) fit;
    }

    @Test
    void memoryOfTwoGpusIsNeverAddedUp() {
        assertThat(misfit(fit(ANode.named("n").gpus(8_000, 8_000), 8_001)).reason())
                .isEqualTo(Reason.InsufficientVRAM);
    }

    @ParameterizedTest
    @CsvSource({"8000, true", "8001, false"})
    void aModelMayTakeTheLastMiBAndNotOneMore(long need, boolean fits) {
        assertThat(fit(ANode.named("n").gpus(8_000), need) instanceof Fit.Fits).isEqualTo(fits);
    }

    @Test
    void theFullestGpuOnWhichItFitsIsTaken() {
        ANode node = ANode.named("n").gpus(48_000, 16_000, 24_000).taken("dicom-ocr", 1, 13_000);
        assertThat(fit(node, 4_000)).as("GPU 1 has 3,000 free, GPU 2 24,000").isEqualTo(new Fit.Fits(2, true));
        assertThat(fit(node, 3_000)).isEqualTo(new Fit.Fits(1, true));
        assertThat(fit(node, 30_000)).isEqualTo(new Fit.Fits(0, true));
    }

    @Test
    void ofEquallyFullGpusTheFirstIsTaken() {
        assertThat(fit(ANode.named("n").gpus(8_000, 8_000, 8_000), 4_000)).isEqualTo(new Fit.Fits(0, true));
    }

    @Test
    void aNodeWithoutAnyReadingIsUnknownAndNeverFits() {
        Fit.Misfit unknown = misfit(fit(ANode.named("n").gpus(), 1));
        assertThat(unknown.reason()).isEqualTo(Reason.UnknownMemory);
        assertThat(unknown.message()).contains("nvidia.com/gpu.memory", "memory.fallbackMiB");
    }

    @Test
    void aNextVersionStaysOnTheGpuOfTheOneThatServes() {
        ANode node = ANode.named("n")
                .gpus(48_000, 12_000)
                .told(Told.to(Step.Confirm).target(OLD, 4_000).on(0));
        assertThat(fit(node, 5_000)).as("GPU 1 would be the better fit").isEqualTo(new Fit.Fits(0, true));
    }

    @ParameterizedTest
    @CsvSource({
        // old, new, usable, fits, beside
        "4000, 4000, 8000, true, true",
        "4000, 4000, 7999, true, false",
        "4000, 6000, 6000, true, false",
        "4000, 6000, 5999, false, false",
        "6000, 4000, 6000, true, false",
        "6000, 4000, 9999, true, false",
        "6000, 4000, 10000, true, true",
    })
    void aSwapPeaksAtOldAndNewTogetherOrElseAtTheLargerOfTheTwo(
            long old, long next, long usable, boolean fits, boolean beside) {
        ANode node = ANode.named("n").gpus(usable).told(Told.to(Step.Confirm).target(OLD, old));
        Fit fit = fit(node, next);
        if (fits) {
            assertThat(fit).isEqualTo(new Fit.Fits(0, beside));
        } else {
            assertThat(misfit(fit).reason()).isEqualTo(Reason.InsufficientVRAM);
        }
    }

    @Test
    void anotherGpuIsNoWayOutForAModelThatServes() {
        ANode node = ANode.named("n")
                .gpus(6_000, 48_000)
                .told(Told.to(Step.Confirm).target(OLD, 4_000).on(0));
        assertThat(misfit(fit(node, 7_000)).message()).contains("GPU 0");
    }

    @Test
    void aModelWhoseGpuIsGoneMovesToOneThatIsThere() {
        ANode node = ANode.named("n")
                .gpus(8_000)
                .told(Told.to(Step.Confirm).target(OLD, 4_000).on(3));
        assertThat(fit(node, 5_000)).isEqualTo(new Fit.Fits(0, true));
    }

    @Test
    void afterAnAbortedFirstRolloutNothingTiesTheModelToItsGpu() {
        ANode node =
                ANode.named("n").gpus(48_000, 8_000).told(Told.to(Step.Abort).on(0));
        assertThat(fit(node, 5_000)).isEqualTo(new Fit.Fits(1, true));
    }

    @Test
    void afterAnAbortTheLastGoodIsWhatServes() {
        ANode node = ANode.named("n")
                .gpus(9_000)
                .told(Told.to(Step.Abort).target("sha256:bad", 8_000).lastGood(OLD, 3_000));
        assertThat(fit(node, 6_000)).isEqualTo(new Fit.Fits(0, true));
        assertThat(fit(node, 6_001)).isEqualTo(new Fit.Fits(0, false));
    }

    @Test
    void whatDeploymentsAheadAreAboutToTakeIsTaken() {
        NodeFacts node = ANode.named("n").gpus(8_000, 9_000).facts();
        var ahead = List.of(new Holding("imaging/dicom-ocr", 0, 5_000));
        assertThat(VramLedger.fit(node, UID, MODEL, 4_000, ahead)).isEqualTo(new Fit.Fits(1, true));
        assertThat(VramLedger.fit(node, UID, MODEL, 3_000, ahead)).isEqualTo(new Fit.Fits(0, true));
    }

    @Test
    void theLoserIsToldWhoHoldsTheMemoryLargestFirstAndAtMostThree() {
        ANode node = ANode.named("n")
                .gpus(10_000)
                .taken("tiny", 0, 500)
                .taken("chest-xray", 0, 2_000)
                .taken("dicom-ocr", 0, 4_000)
                .taken("bone-age", 0, 2_000);
        assertThat(misfit(fit(node, 4_000)).message())
                .isEqualTo(
                        "needs 4000 MiB, GPU 0 has 1500 MiB free of 10000 MiB usable (imaging/dicom-ocr holds 4000 MiB,"
                                + " imaging/bone-age holds 2000 MiB, imaging/chest-xray holds 2000 MiB)");
    }

    @Test
    void aMisfitSpeaksOfTheGpuWithTheMostRoom() {
        ANode node = ANode.named("n").gpus(10_000, 10_000).taken("dicom-ocr", 0, 9_000);
        assertThat(misfit(fit(node, 11_000)).message())
                .contains("GPU 1 has 10000 MiB free")
                .doesNotContain("dicom-ocr");
    }

    @Test
    void anOvercommittedGpuHasNothingFreeRatherThanLessThanNothing() {
        ANode node = ANode.named("n").gpus(4_000).taken("dicom-ocr", 0, 6_000);
        assertThat(misfit(fit(node, 1)).message()).contains("has 0 MiB free of 4000");
    }

    @Test
    void aNameThatAnotherDeploymentServesIsItsHoldingNotOurs() {
        ANode node = ANode.named("n")
                .gpus(8_000)
                .told(Told.to(Step.Confirm).byUid("somebody-else").target(OLD, 5_000));
        assertThat(misfit(fit(node, 4_000)).message()).contains("imaging/retina-seg holds 5000 MiB");
    }

    /** What one instruction of another deployment holds, in every step of its way. */
    @ParameterizedTest(name = "{0} beside={1} says {2}: {3} MiB")
    @CsvSource(
            nullValues = "-",
            value = {
                "Stage,    true,  -,         7000",
                "Stage,    false, -,         4000",
                "Stage,    true,  Staged,    7000",
                "Activate, true,  Active,    7000",
                "Activate, false, Active,    4000",
                "Confirm,  true,  -,         7000",
                "Confirm,  true,  Active,    7000",
                "Confirm,  false, Active,    4000",
                "Confirm,  true,  Confirmed, 4000",
                "Abort,    true,  -,         7000",
                "Abort,    true,  Active,    7000",
                "Abort,    true,  Failed,    7000",
                "Abort,    true,  Reverting, 7000",
                "Abort,    true,  Reverted,  3000",
                "Abort,    false, Reverted,  3000",
            })
    void lastGoodStaysReservedUntilTheNodeConfirmsAndTheTargetUntilItSaysItIsGone(
            Step step, boolean beside, State state, long held) {
        Told told = Told.to(step).target("sha256:new", 4_000).lastGood(OLD, 3_000);
        Told asked = beside ? told.loadedBeside() : told;
        assertThat(Holdings.held(asked.instruction(), Optional.ofNullable(state).map(s -> Said.is(s)
                        .report())))
                .isEqualTo(held);
    }

    @Test
    void aReportOfAnEarlierEpochDoesNotFreeWhatAnAbortStillHolds() {
        Told abort = Told.to(Step.Abort).lastGood(OLD, 3_000).loadedBeside();
        assertThat(Holdings.held(
                        abort.instruction(),
                        Optional.of(Said.is(State.Reverted).in(1).report())))
                .isEqualTo(7_000);
    }

    @Test
    void anAbortedFirstVersionHoldsNothingOnceItIsGone() {
        assertThat(Holdings.held(
                        Told.to(Step.Abort).instruction(),
                        Optional.of(Said.is(State.Reverted).report())))
                .isZero();
    }

    @Test
    void goingOnWithTheSameArtifactIsCountedOnce() {
        Told same = Told.to(Step.Stage).target(OLD, 4_000).lastGood(OLD, 4_000).loadedBeside();
        assertThat(Holdings.held(same.instruction(), Optional.empty())).isEqualTo(4_000);
    }

    @Test
    void whatALowerEntryHoldsOnAnotherGpuDoesNotCount() {
        ANode node = ANode.named("n").gpus(8_000, 8_000).taken("dicom-ocr", 1, 8_000);
        assertThat(fit(node, 8_000)).isEqualTo(new Fit.Fits(0, true));
    }
}
