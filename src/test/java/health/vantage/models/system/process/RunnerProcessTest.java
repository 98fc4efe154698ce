package health.vantage.models.system.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real runner processes, killed and crashed for real; no Kubernetes. */
final class RunnerProcessTest {
    private static final String MODEL = "retina-seg";
    private static final long[] FOUR = {4};
    private static final String NOBODY_LISTENS = """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: u, user: {token: t}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """;

    @TempDir
    Path folder;

    private SampleRepository repository;

    @BeforeEach
    void layout() {
        repository = SampleRepository.layout(folder, MODEL);
    }

    @Test
    void aModelThatCrashesTheServingProcessIsNotLoadedAgainAndThePreviousOneServes() throws Exception {
        Digest good = repository.pushScripted("1.0.0", "answer");
        Digest bad = repository.pushScripted("2.0.0", "crash-when-serving");
        serveOnce(good);
        try (RunnerChild crashed = start(bad)) {
            assertThat(crashed.exit()).isNotZero();
            assertThat(crashed.log()).contains("SIGSEGV");
        }

        try (RunnerChild again = start(bad)) {
            again.awaitLog("ready: serving [retina-seg]");

            assertThat(infer(again).getModelVersion()).isEqualTo("1.0.0");
            assertThat(again.log()).contains("died while it loaded 2.0.0").contains("it is not loaded again");
        }
    }

    @Test
    void aProcessKilledWhileItLoadsServesThePreviousVersionNextTime() throws Exception {
        Digest good = repository.pushScripted("1.0.0", "answer");
        Digest hanging = repository.pushScripted("2.0.0", "hang-when-serving");
        serveOnce(good);
        try (RunnerChild killed = start(hanging)) {
            Path journal = folder.resolve("cache/journal/retina-seg.json");
            await().atMost(Duration.ofSeconds(30)).until(() -> Journal.open(journal.getParent())
                    .find(MODEL)
                    .flatMap(JournalEntry::loading)
                    .filter(version -> version.digest().equals(hanging))
                    .isPresent());
            killed.kill9();
        }

        try (RunnerChild again = start(hanging)) {
            again.awaitLog("ready: serving [retina-seg]");

            assertThat(infer(again).getModelVersion()).isEqualTo("1.0.0");
        }
    }

    @Test
    void termEndsRequestsInFlightAndExitsWithZero() throws Exception {
        Digest slow = repository.push(
                "1.0.0", OnnxModels.slow(300, Duration.ofMillis(200)), new long[] {300, 300}, new long[] {300, 300});
        try (RunnerChild runner = start(slow)) {
            runner.awaitLog("ready: serving");
            var request = RunnerUnderTest.request(MODEL, Floats.filled(300 * 300, 0), Map.of());
            var stub = InferenceGrpc.newFutureStub(runner.channel());
            infer(runner, request);
            List<Future<InferResponse>> calls = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                calls.add(stub.infer(request));
            }
            calls.getFirst().get();

            runner.term();

            List<Status.Code> outcomes = new ArrayList<>();
            for (Future<InferResponse> call : calls) {
                outcomes.add(code(call));
            }
            assertThat(outcomes).containsOnly(Status.Code.OK);
            assertThat(runner.exit()).as(runner.log()).isZero();
            assertThat(runner.log()).contains("stopped").doesNotContain("SIGSEGV");
        }
    }

    @Test
    void healthAndMetricsAreThereForTheKubeletAndPrometheus() throws Exception {
        Digest good = repository.pushScripted("1.0.0", "answer");
        try (RunnerChild runner = start(good)) {
            runner.awaitLog("ready: serving");
            infer(runner);

            assertThat(get(runner, "/healthz/live")).isEqualTo("live\n");
            assertThat(get(runner, "/healthz/ready")).isEqualTo("ready\n");
            assertThat(get(runner, "/metrics"))
                    .contains("vantage_inference_requests_total{model=\"retina-seg\",outcome=\"ok\"} 1.0")
                    .contains("vantage_inference_latency_seconds_count{model=\"retina-seg\"} 1")
                    .contains("nv_inference_request_success{model=\"retina-seg\"} 1\n")
                    .contains("nv_inference_queue_duration_us{model=\"retina-seg\"} ")
                    .contains("nv_inference_pending_request_count{model=\"retina-seg\"} 0\n")
                    .contains("vantage_model_info{digest=\"" + good + "\",model=\"retina-seg\",version=\"1.0.0\"} 1");
        }
    }

    @Test
    void aModelThatCannotBeServedEndsTheProcessWithTheReason() throws Exception {
        Digest crashing = repository.pushScripted("1.0.0", "crash");
        try (RunnerChild runner = start(crashing)) {
            assertThat(runner.exit()).isEqualTo(1);
            assertThat(runner.log())
                    .contains("model retina-seg cannot be served: PreflightFailed")
                    .contains("crashed the process");
        }
    }

    @Test
    void withTheCablePulledAnUnconfirmedVersionThatFailsIsTurnedBack() throws Exception {
        Digest good = repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR);
        Digest fragile = repository.push("2.0.0", OnnxModels.failsAbove(0.5f, 4), FOUR, FOUR);
        Version one = cached(good, "1.0.0");
        Version two = cached(fragile, "2.0.0");
        Journal.open(folder.resolve("cache/journal"))
                .put(JournalEntry.empty(MODEL)
                        .activated(one)
                        .confirmedNow(3)
                        .atEpoch(2, "uid", fragile)
                        .activated(two));
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), NOBODY_LISTENS);

        try (RunnerChild runner =
                RunnerChild.start(folder, Map.of("NODE_NAME", "n1", "KUBECONFIG", kubeconfig.toString()))) {
            runner.awaitLog("following ModelNode n1");
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> infer(runner));
            }

            runner.awaitLog("the API server cannot be reached");
            assertThat(infer(runner).getModelVersion()).isEqualTo("1.0.0");
        }
    }

    private Version cached(Digest digest, String version) {
        try (NodeCache cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository.repository(), digest, PullListener.NONE);
            return new Version(repository.reference(), digest, version);
        }
    }

    private void serveOnce(Digest digest) throws Exception {
        try (RunnerChild runner = start(digest)) {
            runner.awaitLog("ready: serving");
            infer(runner);
            runner.term();
            assertThat(runner.exit()).as(runner.log()).isZero();
        }
    }

    private RunnerChild start(Digest digest) throws Exception {
        return RunnerChild.start(folder, Map.of(), "--model", repository.reference() + "@" + digest);
    }

    private static InferResponse infer(RunnerChild runner) {
        return infer(runner, RunnerUnderTest.request(MODEL, Floats.bytes(1, 2, 3, 4), Map.of()));
    }

    private static InferResponse infer(RunnerChild runner, InferRequest request) {
        return runner.stub().withWaitForReady().infer(request);
    }

    private static Status.Code code(Future<InferResponse> call) throws InterruptedException {
        try {
            call.get();
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable((StatusRuntimeException) e.getCause()).getCode();
        }
    }

    private static String get(RunnerChild runner, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + runner.httpPort() + path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }
}
