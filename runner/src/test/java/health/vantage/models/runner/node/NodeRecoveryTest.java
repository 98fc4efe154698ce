package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.onnx.OnnxModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node does by itself: after a restart, a death or a power cut, and with registry or operator out of reach. */
final class NodeRecoveryTest {
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
    void anAbortThatAPowerCutInterruptedIsCompletedByTheNextStart() throws Exception {
        node.confirm(one, 1);
        node.tell(two, one, 2, Step.Activate);
        node.awaitState(State.Active);
        node.end();
        Journal journal = node.openJournal();
        JournalEntry entry = journal.find(NodeUnderTest.MODEL).orElseThrow();
        journal.put(entry.aborted(entry.lastGood()));

        node.begin(true);

        assertThat(node.answer()).isEqualTo("1.0.0");
        assertThat(node.state().state()).isEqualTo(State.Reverted);
    }

    @Test
    void withoutAnApiServerAFailingVersionIsTurnedBackByTheNodeItself() throws Exception {
        node.confirm(one, 1);
        Digest fragile = node.repository().push("2.1.0", OnnxModels.failsAbove(0.5f, 4), FOUR, FOUR);
        node.tell(fragile, one, 2, Step.Activate);
        node.awaitState(State.Active);
        node.loseOperator();

        for (int i = 0; i < 5; i++) {
            assertThat(node.answer()).isIn("INTERNAL", "1.0.0");
        }

        ModelState back = node.awaitState(State.Reverted);
        assertThat(back.reason()).isEqualTo("SoakFailed");
        assertThat(back.message()).contains("the API server cannot be reached");
        assertThat(node.answer()).isEqualTo("1.0.0");

        node.tell(fragile, one, 2, Step.Activate);
        node.end();
        node.begin(false);
        node.tell(fragile, one, 2, Step.Confirm);
        assertThat(node.awaitReason("SoakFailed").activeDigest())
                .as("the same epoch does not bring it back, not even after a restart")
                .isEqualTo(one.toString());
    }

    @Test
    void aRestartServesTheSameWithoutRegistryAndWithoutInstructions() throws Exception {
        node.confirm(two, 3);
        node.end();
        node.deleteRegistry();

        node.begin(false);

        assertThat(node.answer()).isEqualTo("2.0.0");
        assertThat(node.state().state()).isEqualTo(State.Confirmed);
        assertThat(node.state().epoch()).isEqualTo(3);
    }

    @Test
    void aFlippedBitIsHealedFromTheRegistryElseThePreviousVersionServes() throws Exception {
        node.confirm(one, 1);
        node.confirm(two, 2);
        node.end();
        node.flip(two);
        node.begin(false);
        assertThat(node.answer()).as("healed").isEqualTo("2.0.0");
        node.end();

        node.flip(two);
        node.deleteRegistry();
        node.begin(false);

        assertThat(node.answer()).as("offline").isEqualTo("1.0.0");
        assertThat(node.state().state()).isEqualTo(State.Reverted);
        assertThat(node.state().reason()).isEqualTo("IntegrityMismatch");
    }

    @Test
    void aDeathUnderAnUnconfirmedVersionIsForgivenOnceAndASecondOneTurnsItBack() throws Exception {
        node.confirm(one, 1);
        node.tell(two, one, 2, Step.Activate);
        node.awaitState(State.Active);
        node.end();

        node.begin(true);
        assertThat(node.answer()).isEqualTo("2.0.0");
        node.end();

        node.begin(true);
        assertThat(node.answer()).isEqualTo("1.0.0");
        assertThat(node.state().reason()).isEqualTo("SoakFailed");
    }

    @Test
    void aGoodVersionIsNotCondemnedByOneDeathWhileItWasLoaded() throws Exception {
        node.confirm(one, 1);
        for (String expected : List.of("1.0.0", "1.0.0")) {
            node.end();
            node.markLoading();
            node.begin(true);
            assertThat(node.answer()).isEqualTo(expected);
        }
        node.end();
        node.markLoading();
        Journal journal = node.openJournal();
        journal.put(journal.find(NodeUnderTest.MODEL).orElseThrow().withDeath().withDeath());
        node.begin(true);
        assertThat(node.answer()).as("three in a row").isEqualTo("UNAVAILABLE");
        assertThat(node.state().reason()).isEqualTo("CrashedOnLoad");
    }

    @Test
    void aVersionIsTriedAndServedOnTheGpuThatTheInstructionNamesAlsoAfterAStart() throws Exception {
        Digest onGpu = node.repository().pushScripted("3.0.0", "on-gpu");
        node.apply(node.wish(onGpu, null, 1, Step.Confirm).onDevice(2));
        node.awaitState(State.Confirmed);
        assertThat(device()).isEqualTo("cuda:2");

        node.end();
        node.begin(false);

        assertThat(device()).as("nobody told the new process").isEqualTo("cuda:2");
    }

    @Test
    void aRegistryThatIsAwayIsAskedAgainUntilItIsBack() throws Exception {
        Path away = folder.resolve("away");
        Files.move(node.registry(), away);
        node.tell(one, null, 1, Step.Stage);
        await().until(() -> node.board().states().size() == 1 && node.state().reason() != null);

        Files.move(away, node.registry());
        node.tell(one, null, 2, Step.Stage);

        node.awaitState(State.Staged);
    }

    private String device() {
        return node.slot().active().orElseThrow().model().device();
    }
}
