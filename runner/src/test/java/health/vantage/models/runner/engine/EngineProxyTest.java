package health.vantage.models.runner.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.access.AccessOptions;
import health.vantage.models.runner.access.ClientLimits;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.ModelReadyRequest;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to a model in an engine, through the runner's HTTP port; a small real HTTP server stands in for vLLM. */
final class EngineProxyTest {
    private static final Shape ANY = Shape.of(-1);

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private RunnerUnderTest runner;
    private ModelSlot slot;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder, EngineAtHand.backends());
        serve();
    }

    private void serve() throws Exception {
        slot = runner.serving().table().slot("llm");
        slot.activate(runner.serving()
                .loader()
                .load(
                        Digest.of(new byte[0]),
                        new ModelContract("llm", "1.0.0", "vllm", "fp16", ANY, ANY, 256),
                        EngineAtHand.model(folder.resolve("model"), "hello")));
        runner.serving().announce(slot);
    }

    @AfterEach
    void stop() {
        client.close();
        runner.close();
    }

    @Test
    void methodPathQueryAndBodyArriveAsTheyWereSent() throws Exception {
        HttpResponse<String> answer = client.send(
                request("/v1/echo?a=b%20c").POST(BodyPublishers.ofString("hi")).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("POST /v1/echo?a=b%20c hi");
    }

    @Test
    void aBodyOfUnknownLengthIsPassedOnToo() throws Exception {
        HttpRequest streamed = request("/v1/echo")
                .POST(BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream("streamed".getBytes(StandardCharsets.UTF_8))))
                .build();

        // Often, beside the health checks: a request on a connection that was used before would meet one that the
        // engine closes.
        for (int i = 0; i < 200; i++) {
            assertThat(client.send(streamed, BodyHandlers.ofString()).body()).isEqualTo("POST /v1/echo streamed");
        }
    }

    @Test
    void eventsArriveWhileTheAnswerIsStillBeingMade() throws Exception {
        HttpResponse<InputStream> answer = client.send(request("/v1/stream").build(), BodyHandlers.ofInputStream());

        try (InputStream events = answer.body()) {
            assertThat(new String(events.readNBytes(11), StandardCharsets.UTF_8))
                    .isEqualTo("data: one\n\n");
            long first = System.nanoTime();
            assertThat(new String(events.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("data: two\n\n");
            assertThat(Duration.ofNanos(System.nanoTime() - first)).isGreaterThan(Duration.ofMillis(500));
        }
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
    }

    @Test
    void whatTheEngineSaysIsPassedOnAndOnlyItsOwnErrorsCountAgainstTheVersion() throws Exception {
        assertThat(get("/missing").statusCode()).isEqualTo(404);
        assertThat(slot.active().orElseThrow().counters().read().errors()).isZero();

        HttpResponse<String> failed = get("/fail");

        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).isEqualTo("out of ideas");
        await().until(() -> slot.active().orElseThrow().counters().read().errors() == 1);
    }

    @Test
    void anAnswerThatBreaksOffBreaksOffForTheCallerToo() {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> get("/break"));
        await().until(() -> slot.active().orElseThrow().counters().read().errors() == 1);
    }

    @Test
    void whileItsEngineIsDownTheModelIsNotReadyAndCallersAreToldWhy() throws Exception {
        assertThat(ready()).isTrue();

        assertThat(get("/crash").statusCode()).isEqualTo(502);

        await().atMost(Duration.ofSeconds(20)).until(() -> get("/v1/who").statusCode() == 503);
        HttpResponse<String> down = get("/v1/who");
        if (down.statusCode() == 503) {
            assertThat(down.body())
                    .contains("model llm: tiny for llm 1.0.0 is down")
                    .contains("exit code 3");
            assertThat(down.headers().firstValue("Retry-After")).contains("1");
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> get("/v1/who").statusCode() == 200);
        assertThat(ready()).isTrue();
        assertThat(slot.active().orElseThrow().counters().read().errors()).isGreaterThanOrEqualTo(2);
    }

    /** As a caller sees it that sends its whole request before it looks for an answer. */
    @Test
    void aBodyBeyondTheLimitIsRefusedWithAnAnswerThatArrives() throws Exception {
        int bytes = 32 << 20;
        for (boolean streamed : List.of(false, true)) {
            HttpURLConnection connection = (HttpURLConnection)
                    request("/v1/echo").build().uri().toURL().openConnection();
            connection.setDoOutput(true);
            if (streamed) {
                connection.setChunkedStreamingMode(0);
            } else {
                connection.setFixedLengthStreamingMode(bytes);
            }
            try (OutputStream body = connection.getOutputStream()) {
                body.write(new byte[bytes]);
            }

            assertThat(connection.getResponseCode()).isEqualTo(413);
            assertThat(connection.getErrorStream())
                    .asString(StandardCharsets.UTF_8)
                    .contains("maxRequestMiB");
        }
    }

    @Test
    void whenACallerLeavesItsAnswerIsBrokenOff() throws Exception {
        try (Socket caller = new Socket("127.0.0.1", runner.serving().httpPort())) {
            caller.getOutputStream()
                    .write("GET /engines/llm/v1/endless HTTP/1.1\r\nHost: x\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(caller.getInputStream().read()).isPositive();
        }

        await().until(() -> get("/v1/streams").body().equals("0"));
    }

    @Test
    void moreRequestsThanTheEngineTakesAreToldToComeBack() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(client.sendAsync(request("/v1/stream").build(), BodyHandlers.ofString()));
        }

        assertThat(all)
                .extracting(one -> one.join().statusCode())
                .contains(429)
                .filteredOn(status -> status == 200)
                .hasSizeGreaterThanOrEqualTo(8);
    }

    @Test
    void anUnknownModelAndOneWithTensorsAreNamed() throws Exception {
        runner.serve("seg", "1", OnnxModels.scale(1, 4), Shape.of(4), Shape.of(4));

        assertThat(ask("/engines/nobody/v1/who").body()).contains("no model \\\"nobody\\\" on this runner");
        HttpResponse<String> tensors = ask("/engines/seg/v1/who");
        assertThat(tensors.statusCode()).isEqualTo(404);
        assertThat(tensors.body()).contains("takes tensors, over gRPC");
    }

    @Test
    void tensorsAreRefusedWithTheWayToAsk() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> runner.infer("llm", Floats.bytes(1), Map.of()))
                .withMessageContaining("/engines/llm/");
    }

    @Test
    void itsMetricsAreAmongTheRunnersWithTheModelsName() throws Exception {
        get("/v1/who");

        String metrics = ask("/metrics").body();

        assertThat(metrics)
                .contains("vantage_engine_up{model=\"llm\",engine=\"tiny\",version=\"1.0.0\"} 1")
                .contains("vantage_engine_memory_bytes{model=\"llm\"")
                .contains("tiny_requests_total{model=\"llm\",exported_model=\"inner\"} 7")
                .contains("tiny_up{model=\"llm\"} 1")
                .contains("vantage_inference_requests_total{model=\"llm\",outcome=\"ok\"} 1.0");
    }

    @Test
    void whereTheRunnerAsksForTokensEnginesAreAskedWithOneAndNeverSeeIt() throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "imaging: 0123456789abcdef0123456789abcdef\n");
        AccessOptions guarded =
                new AccessOptions(Optional.empty(), Optional.of(tokens), ClientLimits.NONE, AccessOptions.LOOK);
        runner.close();
        runner = new RunnerUnderTest(folder.resolve("guarded"), guarded, EngineAtHand.backends());
        serve();

        assertThat(get("/v1/headers").statusCode()).isEqualTo(401);
        HttpResponse<String> asked = client.send(
                request("/v1/headers")
                        .header("Authorization", "Bearer 0123456789abcdef0123456789abcdef")
                        .build(),
                BodyHandlers.ofString());

        assertThat(asked.statusCode()).isEqualTo(200);
        assertThat(asked.body()).isEqualTo("none");
        assertThat(ask("/healthz/live").statusCode()).isEqualTo(200);
    }

    private boolean ready() {
        return GRPCInferenceServiceGrpc.newBlockingStub(runner.channel())
                .modelReady(ModelReadyRequest.newBuilder().setName("llm").build())
                .getReady();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return ask("/engines/llm" + path);
    }

    private HttpResponse<String> ask(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + runner.serving().httpPort() + path))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + runner.serving().httpPort() + "/engines/llm" + path));
    }
}
