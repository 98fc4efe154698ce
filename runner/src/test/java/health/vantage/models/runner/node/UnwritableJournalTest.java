package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import health.vantage.models.runner.store.ArtifactStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose journal cannot be written. A folder lies where the file would be written, since the superuser that tests may run as is
 * stopped by no permissions; a disk that is really full is in the whole-system tests.
 */
class UnwritableJournalTest {
    private static final String MODEL = "retina-seg";
    private static final long[] FOUR = {4};

    @TempDir
    Path folder;

    private SampleRepository repository;
    private Digest good;
    private Digest next;
    private RunnerUnderTest runner;
    private StatusBoard board;
    private NodeRunner node;

    @BeforeEach
    void begin() throws Exception {
        repository = SampleRepository.layout(folder, MODEL);
        good = repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR);
        next = repository.push("2.0.0", OnnxModels.scale(2, 4), FOUR, FOUR);
        start();
        tell(1, Step.Confirm, good, null);
        awaitState(1, State.Confirmed);
        tell(2, Step.Activate, next, good);
        awaitState(2, State.Active);
        assertThat(answer()).isEqualTo(2);
    }

    @AfterEach
    void end() throws Exception {
        node.stop();
        runner.close();
    }

    @Test
    void anAbortIsCarriedOutAndWrittenDownWhenThatIsPossibleAgain() throws Exception {
        Path obstacle = obstruct();

        tell(2, Step.Abort, next, good);

        awaitState(2, State.Reverted);
        assertThat(answer()).isEqualTo(1);
        assertThat(onDisk().current().orElseThrow().digest()).isEqualTo(next);

        Files.delete(obstacle.resolve("file"));
        Files.delete(obstacle);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> onDisk().ending() == JournalEntry.Ending.ABORTED
                        && onDisk().current().orElseThrow().digest().equals(good));
    }

    @Test
    void aStartServesTheVersionThatWasGoodAndDoesNotTryTheOneThatWasNotConfirmed() throws Exception {
        end();
        obstruct();

        start();

        assertThat(answer()).isEqualTo(1);
        assertThat(board.states().getFirst().activeDigest()).isEqualTo(good.toString());
        assertThat(board.states().getFirst().state()).isEqualTo(State.Reverted);
        assertThat(board.states().getFirst().message()).contains("cannot write the journal");
    }

    @Test
    void aNewVersionWaitsUntilTheJournalCanKnowOfIt() throws Exception {
        Digest third = repository.push("3.0.0", OnnxModels.scale(3, 4), FOUR, FOUR);
        Path obstacle = obstruct();

        tell(3, Step.Activate, third, good);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> board.states().getFirst().state() == State.Failed);
        assertThat(answer()).as("what served still serves").isEqualTo(2);

        Files.delete(obstacle.resolve("file"));
        Files.delete(obstacle);
        awaitState(3, State.Active);
        assertThat(answer()).isEqualTo(3);
    }

    private void start() throws IOException {
        runner = new RunnerUnderTest(Files.createDirectories(folder.resolve("models")));
        board = new StatusBoard(Instant.now());
        NodeCache cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
        node = new NodeRunner(
                new NodeParts(
                        runner.serving(),
                        new ArtifactStore(new Repositories(RegistryOptions.defaults()), cache),
                        Journal.open(folder.resolve("journal")),
                        new Preflight(Preflight.Limits.defaults(), 1),
                        Clock.systemUTC()),
                board,
                () -> true,
                Duration.ofMinutes(5));
        node.restore(false);
    }

    /** Nothing can be written under the name that the journal writes to first, nor can it be renamed over. */
    private Path obstruct() throws IOException {
        Path obstacle = Files.createDirectory(folder.resolve("journal").resolve(MODEL + ".json.next"));
        Files.createFile(obstacle.resolve("file"));
        return obstacle;
    }

    private JournalEntry onDisk() {
        return Journal.open(folder.resolve("journal")).find(MODEL).orElseThrow();
    }

    private void tell(long epoch, Step step, Digest target, Digest back) throws InterruptedException {
        node.apply(List.of(new ModelInstruction(
                MODEL,
                new DeploymentRef("imaging", MODEL, "uid"),
                epoch,
                step,
                artifact(target),
                back == null ? null : artifact(back),
                List.of(),
                Verification.NONE,
                0,
                true,
                3,
                0.01)));
    }

    private ArtifactRef artifact(Digest digest) {
        return new ArtifactRef(repository.reference(), digest.toString(), null, "any", 0L, 0L);
    }

    private void awaitState(long epoch, State state) {
        await().atMost(Duration.ofSeconds(60)).until(() -> board.states().stream()
                .anyMatch(model -> model.epoch() == epoch && model.state() == state));
    }

    private float answer() {
        return Floats.of(runner.infer(MODEL, Floats.bytes(1, 1, 1, 1)).getOutputTensor())[0];
    }
}
