package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.onnx.OnnxModels;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's part of a rollout, step by step. */
final class NodeRolloutTest {
    private static final long[] FOUR = {4};

    @TempDir
    Path folder;

    private NodeUnderTest node;
    private Digest one;
    private Digest two;

    @BeforeEach
    void start() throws Exception {
        node = new NodeUnderTest(folder);
        one = node.repository().push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR);
        two = node.repository().push("2.0.0", OnnxModels.scale(2, 4), FOUR, FOUR);
    }

    @AfterEach
    void stop() throws Exception {
        node.end();
    }

    @Test
    void aVersionIsStagedWithoutServingThenActivatedThenConfirmed() throws Exception {
        node.tell(one, null, 1, Step.Stage);
        node.awaitState(State.Staged);
        assertThat(node.answer()).as("nothing serves yet").isEqualTo("UNAVAILABLE");

        node.tell(one, null, 1, Step.Activate);
        node.awaitState(State.Active);
        assertThat(node.answer()).isEqualTo("1.0.0");

        node.tell(one, null, 1, Step.Confirm);
        ModelState confirmed = node.awaitState(State.Confirmed);
        assertThat(confirmed.lastGoodDigest()).isEqualTo(one.toString());
        assertThat(confirmed.activeDigest()).isEqualTo(one.toString());
        assertThat(confirmed.declaredMemoryMiB()).isPositive();
        assertThat(confirmed.measuredMemoryMiB()).isNotNull();
    }

    @Test
    void theNextVersionIsLoadedBesideAndSwappedAndAnAbortSwapsBack() throws Exception {
        node.confirm(one, 1);
        node.tell(two, one, 2, Step.Stage);
        node.awaitState(State.Staged);
        assertThat(node.answer()).isEqualTo("1.0.0");

        node.tell(two, one, 2, Step.Activate);
        node.awaitState(State.Active);
        assertThat(node.answer()).isEqualTo("2.0.0");

        node.tell(two, one, 2, Step.Abort);
        ModelState back = node.awaitState(State.Reverted);
        assertThat(node.answer()).isEqualTo("1.0.0");
        assertThat(back.epoch()).isEqualTo(2);
        assertThat(back.activeDigest()).isEqualTo(one.toString());
    }

    @Test
    void aNodeThatMissedTheStepsBeforeCatchesUp() throws Exception {
        node.confirm(one, 1);

        node.tell(two, one, 2, Step.Confirm);

        node.awaitState(State.Confirmed);
        assertThat(node.answer()).isEqualTo("2.0.0");
    }

    @Test
    void instructionsOfAnOlderEpochAreIgnored() throws Exception {
        node.confirm(two, 5);

        node.tell(one, null, 4, Step.Confirm);
        node.tell(two, null, 5, Step.Confirm);

        assertThat(node.awaitState(State.Confirmed).epoch()).isEqualTo(5);
        assertThat(node.answer()).isEqualTo("2.0.0");
        assertThat(node.journal().epoch()).isEqualTo(5);
    }

    @Test
    void afterAnAbortALateStepOfTheSameEpochBringsNothingBack() throws Exception {
        node.confirm(one, 1);
        node.tell(two, one, 2, Step.Activate);
        node.awaitState(State.Active);
        node.tell(two, one, 2, Step.Abort);
        node.awaitState(State.Reverted);

        for (Step late : List.of(Step.Stage, Step.Activate, Step.Confirm)) {
            node.tell(two, one, 2, late);
            node.awaitIgnored();
            assertThat(node.answer()).as("after a late %s", late).isEqualTo("1.0.0");
            assertThat(node.state().state()).isEqualTo(State.Reverted);
        }
        node.end();
        node.begin(false);
        node.tell(two, one, 2, Step.Activate);
        node.awaitIgnored();
        assertThat(node.answer()).as("nor after a restart").isEqualTo("1.0.0");

        node.tell(two, one, 3, Step.Activate);
        await().until(() -> node.answer().equals("2.0.0"));
    }

    @Test
    void afterAConfirmALateStepOfTheSameEpochChangesNothing() throws Exception {
        node.confirm(one, 1);
        node.tell(two, one, 2, Step.Confirm);
        node.awaitState(State.Confirmed);
        await().until(() -> node.answer().equals("2.0.0"));

        for (Step late : List.of(Step.Stage, Step.Activate, Step.Abort)) {
            node.tell(two, one, 2, late);
            node.awaitIgnored();
            assertThat(node.answer()).as("after a late %s", late).isEqualTo("2.0.0");
            assertThat(node.state().state()).isEqualTo(State.Confirmed);
            assertThat(node.journal().lastGood().orElseThrow().digest()).isEqualTo(two);
        }
    }

    @Test
    void aDeploymentMadeAnewCountsItsEpochsFromTheStart() throws Exception {
        node.confirm(one, 7);

        node.apply(node.wish(two, null, 1, Step.Confirm)
                .from(new DeploymentRef("imaging", NodeUnderTest.MODEL, "another")));

        await().until(() -> node.answer().equals("2.0.0"));
        assertThat(node.awaitState(State.Confirmed).epoch()).isEqualTo(1);
    }

    @Test
    void theFirstRolloutAbortedLeavesNothing() throws Exception {
        node.tell(one, null, 1, Step.Activate);
        node.awaitState(State.Active);

        node.tell(one, null, 1, Step.Abort);

        assertThat(node.awaitState(State.Reverted).activeDigest()).isNull();
        assertThat(node.answer()).isEqualTo("UNAVAILABLE");
    }

    @Test
    void aModelThatCrashesInItsPreflightFailsTheStageAndTheOldOneServes() throws Exception {
        node.confirm(one, 1);
        Digest crashing = node.repository().pushScripted("3.0.0", "crash");

        node.tell(crashing, one, 2, Step.Stage);

        ModelState failed = node.awaitState(State.Failed);
        assertThat(failed.reason()).isEqualTo("PreflightFailed");
        assertThat(failed.message()).contains("crashed the process");
        assertThat(failed.activeDigest()).isEqualTo(one.toString());
        assertThat(node.answer()).isEqualTo("1.0.0");
    }

    @Test
    void whereMemoryHoldsOneVersionTheOldOneIsUnloadedFirst() throws Exception {
        node.confirm(one, 1);

        node.apply(node.wish(two, one, 2, Step.Activate).withoutRoomBeside());
        node.awaitState(State.Active);

        assertThat(node.answer()).isEqualTo("2.0.0");
        assertThat(node.slot().staged()).isEmpty();
    }

    @Test
    void aQuarantinedDigestIsNotActivated() throws Exception {
        node.confirm(one, 1);
        node.apply(node.wish(two, one, 2, Step.Activate).quarantining(two));

        assertThat(node.awaitState(State.Failed).reason()).isEqualTo("Quarantined");
        assertThat(node.answer()).isEqualTo("1.0.0");
    }

    @Test
    void whileTheOperatorCanSeeTheCountersTheDecisionIsItsOwn() throws Exception {
        node.confirm(one, 1);
        Digest fragile = node.repository().push("2.1.0", OnnxModels.failsAbove(0.5f, 4), FOUR, FOUR);
        node.tell(fragile, one, 2, Step.Activate);
        node.awaitState(State.Active);

        for (int i = 0; i < 5; i++) {
            assertThat(node.answer()).isEqualTo("INTERNAL");
        }

        ModelState seen = node.state();
        assertThat(seen.state()).isEqualTo(State.Active);
        assertThat(seen.errors()).isEqualTo(5);
        assertThat(seen.requests()).isEqualTo(5);
    }

    @Test
    void aModelThatIsNoLongerWishedForIsUnloadedAndForgotten() throws Exception {
        node.confirm(one, 1);

        node.apply();

        assertThat(node.answer()).isEqualTo("NOT_FOUND");
        assertThat(node.board().states()).isEmpty();
        assertThat(node.openJournal().all()).isEmpty();
    }
}
