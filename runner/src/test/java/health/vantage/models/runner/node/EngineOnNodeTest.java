package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.engine.EngineAtHand;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.samples.SampleRepository;
import health.vantage.models.runner.store.ArtifactStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rollout of a model in an engine: the same steps as any other's. A small real HTTP server stands in for vLLM. */
final class EngineOnNodeTest {
    private static final String MODEL = "llm";
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final AtomicBoolean operatorSees = new AtomicBoolean(true);
    private final HttpClient client = HttpClient.newHttpClient();
    private SampleRepository repository;
    private RunnerUnderTest runner;
    private StatusBoard board;
    private NodeRunner node;

    @BeforeEach
    void start() throws Exception {
        repository = SampleRepository.layout(folder, MODEL);
        begin();
    }

    @AfterEach
    void stop() throws Exception {
        end();
        client.close();
    }

    @Test
    void theNextVersionStartsBesideTheOldOneAndTheSwapFailsNoRequest() throws Exception {
        Digest one = repository.pushForEngine("1.0.0", "one");
        Digest two = repository.pushForEngine("2.0.0", "two", "slow");
        tell(one, null, 1, Step.Confirm, true);
        awaitState(State.Confirmed, 1);
        Set<String> answers = new ConcurrentSkipListSet<>();
        AtomicBoolean enough = new AtomicBoolean();
        List<Thread> callers = List.of(callUntil(enough, answers), callUntil(enough, answers));

        tell(two, one, 2, Step.Stage, true);
        awaitState(State.Staged, 2);
        assertThat(who()).as("staged is not active").isEqualTo("one");
        tell(two, one, 2, Step.Confirm, true);
        awaitState(State.Confirmed, 2);

        assertThat(who()).isEqualTo("two");
        enough.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(answers).containsExactly("one", "two");
        await().atMost(LONG).until(() -> engines() == 1);
    }

    @Test
    void anEngineThatDoesNotStartFailsTheStageAndTheOldOneServes() throws Exception {
        Digest one = repository.pushForEngine("1.0.0", "one");
        Digest bad = repository.pushForEngine("2.0.0", "two", "dies");
        tell(one, null, 1, Step.Confirm, true);
        awaitState(State.Confirmed, 1);

        tell(bad, one, 2, Step.Stage, true);

        ModelState failed = awaitState(State.Failed, 2);
        assertThat(failed.reason()).isEqualTo("PreflightFailed");
        assertThat(failed.message()).contains("CUDA out of memory, says the tiny engine");
        assertThat(who()).isEqualTo("one");
    }

    @Test
    void whereMemoryHoldsOneTheOldEngineEndsFirstAndComesBackWhenTheNewOneFails() throws Exception {
        Digest one = repository.pushForEngine("1.0.0", "one");
        Digest bad = repository.pushForEngine("2.0.0", "two", "dies");
        tell(one, null, 1, Step.Confirm, false);
        awaitState(State.Confirmed, 1);

        tell(bad, one, 2, Step.Activate, false);

        awaitState(State.Failed, 2);
        assertThat(who()).isEqualTo("one");
        assertThat(engines()).isEqualTo(1);
    }

    @Test
    void anAbortDoesNotWaitForAStartThatTakesForEver() throws Exception {
        Digest one = repository.pushForEngine("1.0.0", "one");
        Digest never = repository.pushForEngine("2.0.0", "two", "never-healthy");
        tell(one, null, 1, Step.Confirm, true);
        awaitState(State.Confirmed, 1);
        tell(never, one, 2, Step.Stage, true);
        await().atMost(LONG).until(() -> engines() == 2);

        tell(never, one, 2, Step.Abort, true);

        awaitState(State.Reverted, 2);
        assertThat(who()).isEqualTo("one");
        await().atMost(LONG).until(() -> engines() == 1);
    }

    @Test
    void anUnconfirmedEngineThatKeepsDyingIsTurnedBack() throws Exception {
        operatorSees.set(false);
        Digest one = repository.pushForEngine("1.0.0", "one");
        Digest two = repository.pushForEngine("2.0.0", "two");
        tell(one, null, 1, Step.Confirm, true);
        awaitState(State.Confirmed, 1);
        tell(two, one, 2, Step.Activate, true);
        awaitState(State.Active, 2);

        await().atMost(LONG).until(() -> {
            get("/crash");
            return state().state() == State.Reverted;
        });

        assertThat(state().reason()).isEqualTo("SoakFailed");
        // The last crash may have hit the one it went back to.
        await().atMost(LONG).until(() -> get("/v1/who").body().equals("one"));
    }

    @Test
    void aConfirmedEngineThatIsDownIsReportedSoAndNotAsAnswering() throws Exception {
        Digest one = repository.pushForEngine("1.0.0", "one");
        tell(one, null, 1, Step.Confirm, true);
        awaitState(State.Confirmed, 1);

        get("/crash");

        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> "EngineDown".equals(state().reason()) && state().activeDigest() == null);
        await().atMost(LONG).until(() -> one.toString().equals(state().activeDigest()) && state().reason() == null);
    }

    @Test
    void aRestartOfTheRunnerStartsTheSameEngineAgainAndAnswersOthersMeanwhile() throws Exception {
        Digest one = repository.pushForEngine("1.0.0", "one", "slow");
        tell(one, null, 1, Step.Confirm, true);
        awaitState(State.Confirmed, 1);
        end();
        assertThat(engines()).isZero();

        begin();

        assertThat(runner.serving().table().slot(MODEL).active())
                .as("the start did not wait for it")
                .isEmpty();
        awaitState(State.Confirmed, 1);
        assertThat(who()).isEqualTo("one");
    }

    private Thread callUntil(AtomicBoolean enough, Set<String> answers) {
        return Thread.startVirtualThread(() -> {
            while (!enough.get()) {
                try {
                    answers.add(who());
                } catch (Exception e) {
                    answers.add("failed: " + e);
                }
            }
        });
    }

    /** Of this process. */
    private static long engines() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("TinyEngine") && !line.contains("engine-guard"))
                        .isPresent())
                .count();
    }

    private void begin() throws IOException {
        Path own = Files.createDirectories(folder.resolve("node"));
        runner = new RunnerUnderTest(own, EngineAtHand.backends());
        board = new StatusBoard(Instant.now());
        NodeParts parts = new NodeParts(
                runner.serving(),
                new ArtifactStore(
                        new Repositories(RegistryOptions.defaults().withRetries(1, Duration.ZERO, Duration.ZERO)),
                        NodeCache.open(
                                own.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))),
                Journal.open(own.resolve("journal")),
                new Preflight(Preflight.Limits.defaults(), 1),
                Clock.systemUTC());
        node = new NodeRunner(parts, board, operatorSees::get, Duration.ofMinutes(5));
        node.restore(false);
    }

    private void end() throws InterruptedException {
        node.stop();
        runner.close();
    }

    private void tell(Digest target, Digest lastGood, long epoch, Step step, boolean beside)
            throws InterruptedException {
        node.apply(List.of(new ModelInstruction(
                MODEL,
                new DeploymentRef("imaging", MODEL, "uid"),
                epoch,
                step,
                reference(target),
                lastGood == null ? null : reference(lastGood),
                List.of(),
                Verification.NONE,
                0,
                beside,
                3,
                0.01)));
    }

    private ArtifactRef reference(Digest digest) {
        return new ArtifactRef(repository.reference(), digest.toString(), null, "any", 256L, 100L);
    }

    private ModelState awaitState(State state, long epoch) {
        await().atMost(LONG).until(() -> board.states().stream()
                .anyMatch(model -> model.state() == state && model.epoch() == epoch));
        return state();
    }

    private ModelState state() {
        return board.states().getFirst();
    }

    private String who() throws Exception {
        HttpResponse<String> answer = get("/v1/who");
        if (answer.statusCode() != 200) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + runner.serving().httpPort() + "/engines/" + MODEL + path))
                        .build(),
                BodyHandlers.ofString());
    }
}
