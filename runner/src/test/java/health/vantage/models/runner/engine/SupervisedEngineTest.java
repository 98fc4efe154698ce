package health.vantage.models.runner.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelNodeStatus.Gpu;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.ModelFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of an engine, with a small real HTTP server in place of vLLM. */
final class SupervisedEngineTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ExternalModel engine;

    @AfterEach
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    @Test
    void itIsLoadedOnlyWhenItsHealthUrlSaysSo() throws Exception {
        load("60s", "hello", "slow");

        assertThat(engine.trouble()).isEmpty();
        assertThat(ask("/v1/who")).isEqualTo("hello");
        assertThat(engine.reading().memoryMiB()).isPositive();
    }

    @Test
    void ofSeveralGpusItSeesTheOneThatItsMemoryWasReservedOn() throws Exception {
        List<Gpu> two = List.of(
                new Gpu(0, "NVIDIA RTX A6000", 49_140L, 40_000L, false),
                new Gpu(1, "NVIDIA RTX A6000", 49_140L, 40_000L, false));

        load(EngineAtHand.backend(EngineAtHand.tier("60s", 8), two), new LoadOptions(1).onDevice(1), "hello");

        assertThat(ask("/v1/gpu")).isEqualTo("1");
    }

    @Test
    void aGpuThatIsNotThereIsNotReplacedByAnother() {
        List<Gpu> one = List.of(new Gpu(0, "NVIDIA RTX A6000", 49_140L, 40_000L, false));

        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> load(
                        EngineAtHand.backend(EngineAtHand.tier("60s", 8), one),
                        new LoadOptions(1).onDevice(3),
                        "hello"))
                .withMessageContaining("reserved on GPU 3, and this runner sees GPU 0 alone")
                .withMessageContaining("runner.gpus");
    }

    @Test
    void theOnlyGpuNeedsNoName() throws Exception {
        load("60s", "hello");

        assertThat(ask("/v1/gpu")).isEqualTo(String.valueOf(System.getenv("CUDA_VISIBLE_DEVICES")));
    }

    @Test
    void oneThatDiesAtTheStartIsRefusedWithItsLastWords() {
        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> load("60s", "hello", "dies"))
                .withMessageContaining("engine tiny did not start")
                .withMessageContaining("exit code 3")
                .withMessageContaining("CUDA out of memory, says the tiny engine");
    }

    @Test
    void oneThatIsNeverHealthyIsKilledAfterItsStartTimeout() {
        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> load("2s", "hello", "never-healthy"))
                .withMessageContaining("did not answer within 2 s (startTimeout)");
    }

    @Test
    void aStartThatNobodyWantsAnyMoreEndsAtOnce() {
        AtomicInteger asked = new AtomicInteger();
        LoadOptions options = new LoadOptions(1).until(() -> asked.incrementAndGet() > 3);

        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> load(EngineAtHand.backend("600s", 8), options, "hello", "never-healthy"))
                .withMessageContaining("is not wanted any more");
    }

    @Test
    void oneThatDiesIsStartedAgainAndItsDeathIsTold() throws Exception {
        load("60s", "hello");
        List<String> deaths = new CopyOnWriteArrayList<>();
        List<Boolean> answering = new CopyOnWriteArrayList<>();
        engine.watch(new ExternalModel.Watcher() {
            @Override
            public void failed(String why) {
                deaths.add(why);
            }

            @Override
            public void changed() {
                answering.add(engine.trouble().isEmpty());
            }
        });
        long first = pid();

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> ask("/crash"));

        await().atMost(LONG).until(() -> answering.contains(true));
        assertThat(pid()).isNotEqualTo(first);
        assertThat(deaths).hasSize(1).first().asString().contains("exit code 3");
        assertThat(answering).containsExactly(false, true);
        assertThat(engine.reading().restarts()).isEqualTo(1);
    }

    @Test
    void oneThatHangsIsKilledAndStartedAgain() throws Exception {
        load("60s", "hello");
        long first = pid();

        ask("/hang");

        await().atMost(LONG).until(() -> engine.trouble().isPresent());
        assertThat(engine.trouble().orElseThrow()).contains("it hangs").contains("/health");
        await().atMost(LONG).until(() -> engine.trouble().isEmpty());
        assertThat(pid()).isNotEqualTo(first);
        await().until(() -> ProcessHandle.of(first).isEmpty());
    }

    @Test
    void closingEndsWorkersThatIgnoreTerm() throws Exception {
        load("60s", "hello", "ignores-term");
        ProcessHandle process = ProcessHandle.of(pid()).orElseThrow();
        await().until(() -> process.children().count() > 0);
        List<ProcessHandle> all = process.descendants().toList();

        engine.close();

        assertThat(process.isAlive()).isFalse();
        await().untilAsserted(() -> assertThat(all).noneMatch(ProcessHandle::isAlive));
    }

    private void load(String startTimeout, String... words) throws Exception {
        load(EngineAtHand.backend(startTimeout, 8), new LoadOptions(1), words);
    }

    private void load(EngineBackend backend, LoadOptions options, String... words) throws Exception {
        ModelFiles files = ModelFiles.all(EngineAtHand.model(folder, words), EngineAtHand.declared());
        engine = (ExternalModel) backend.load(files, options);
    }

    private long pid() throws IOException {
        return Long.parseLong(ask("/pid"));
    }

    private String ask(String path) throws IOException {
        return new String(
                EngineHttp.get(URI.create(engine.address() + path), Duration.ofSeconds(10), 1000),
                StandardCharsets.UTF_8);
    }
}
