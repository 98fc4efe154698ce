package health.vantage.models.runner.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.sun.net.httpserver.HttpServer;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.serve.Caller;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClientLimitsTest {
    private static final String SCANNER = "0123456789abcdef-scanner";
    private static final String VIEWER = "0123456789abcdef-viewer";
    private static final int SIZE = 400;
    private static final ByteBuffer LARGE = Floats.filled(SIZE * SIZE, 0);

    @TempDir
    Path folder;

    @Test
    void oneClientsCallsAreBoundedAndAnotherClientIsNotHeldUp() throws Exception {
        try (RunnerUnderTest runner = serving(new ClientLimits(2, 0, 0))) {
            var first = infer(runner, SCANNER);
            var second = infer(runner, SCANNER);
            await().until(() -> runner.serving().inferences().inside() == 2);

            Status third = outcome(infer(runner, SCANNER));
            var other = infer(runner, VIEWER);

            assertThat(third.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(third.getDescription())
                    .isEqualTo("client scanner has 2 calls open, and may have 2 at the same time; retry later");
            assertThat(outcome(first).isOk()).isTrue();
            assertThat(outcome(second).isOk()).isTrue();
            assertThat(outcome(other).isOk()).isTrue();
            await().untilAsserted(() ->
                    assertThat(outcome(infer(runner, SCANNER)).isOk()).isTrue());
            assertThat(runner.serving().metrics())
                    .contains("vantage_client_calls_total{client=\"scanner\",outcome=\"limit_calls\"}");
        }
    }

    @Test
    void aCallThatIsCancelledGivesItsPlaceBack() throws Exception {
        try (RunnerUnderTest runner = serving(new ClientLimits(1, 0, 0))) {
            var leaves = infer(runner, SCANNER);
            await().until(() -> runner.serving().inferences().inside() == 1);

            leaves.cancel(true);

            await().untilAsserted(() ->
                    assertThat(outcome(infer(runner, SCANNER)).isOk()).isTrue());
        }
    }

    @Test
    void oneClientsBytesInFlightAreBounded() throws Exception {
        long one = 2L * SIZE * SIZE * Float.BYTES;
        try (RunnerUnderTest runner = serving(new ClientLimits(0, one * 2, 0))) {
            var first = infer(runner, SCANNER);
            var second = infer(runner, SCANNER);
            await().until(() -> runner.serving().inferences().inside() == 2);

            Status third = outcome(infer(runner, SCANNER));

            assertThat(third.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(third.getDescription())
                    .contains(
                            "requests with " + one * 2 + " tensor bytes are in flight",
                            "the limit of client scanner is " + one * 2);
            assertThat(outcome(first).isOk()).isTrue();
            assertThat(outcome(second).isOk()).isTrue();
            await().untilAsserted(() ->
                    assertThat(outcome(infer(runner, SCANNER)).isOk()).isTrue());
        }
    }

    @Test
    void oneClientsCallsPerSecondAreBounded() throws Exception {
        try (RunnerUnderTest runner = serving(new ClientLimits(0, 0, 2))) {
            runner.serve("quick", "1", OnnxModels.identity(1), Shape.of(1), Shape.of(1));
            List<Status> outcomes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                outcomes.add(outcome(infer(runner, SCANNER, "quick", Floats.bytes(1))));
            }

            assertThat(outcomes)
                    .filteredOn(status -> !status.isOk())
                    .isNotEmpty()
                    .allSatisfy(status -> assertThat(status.getDescription())
                            .isEqualTo("client scanner may make 2 requests per second, and made more; retry later"));
            assertThat(outcomes.getFirst().isOk()).isTrue();
            await().untilAsserted(() -> assertThat(outcome(infer(runner, SCANNER, "quick", Floats.bytes(1)))
                            .isOk())
                    .isTrue());
        }
    }

    @Test
    void theHttpPortsFilterAsksTheSameAndHandsOverWhoCalls() throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "scanner: " + SCANNER);
        AccessOptions options = new AccessOptions(
                Optional.empty(), Optional.of(tokens), new ClientLimits(1, 1000, 0), AccessOptions.LOOK);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (Access access = Access.open(options, InstantSource.system(), new SimpleMeterRegistry());
                HttpClient client = HttpClient.newHttpClient()) {
            server.createContext("/v2", exchange -> {
                        Caller.current().take(600).close();
                        byte[] body = "computed".getBytes();
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    })
                    .getFilters()
                    .add(new AccessFilter(access));
            server.start();

            HttpResponse<String> without = get(client, server, Optional.empty());
            assertThat(without.statusCode()).isEqualTo(401);
            assertThat(without.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(without.body()).contains("{\"error\":\"this runner asks for a token");
            HttpResponse<String> with = get(client, server, Optional.of(SCANNER));
            assertThat(with.statusCode()).isEqualTo(200);
            assertThat(with.body()).isEqualTo("computed");
            assertThat(get(client, server, Optional.of(SCANNER)).statusCode())
                    .as("its one call has ended")
                    .isEqualTo(200);
        } finally {
            server.stop(0);
        }
    }

    private static HttpResponse<String> get(HttpClient client, HttpServer server, Optional<String> token)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://localhost:" + server.getAddress().getPort() + "/v2"));
        token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private RunnerUnderTest serving(ClientLimits limits) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "scanner: " + SCANNER + "\nviewer: " + VIEWER + "\n");
        RunnerUnderTest runner = new RunnerUnderTest(
                folder, new AccessOptions(Optional.empty(), Optional.of(tokens), limits, AccessOptions.LOOK));
        runner.serveSlow(SIZE, Duration.ofMillis(700));
        return runner;
    }

    private static ListenableFuture<InferResponse> infer(RunnerUnderTest runner, String token) {
        return infer(runner, token, "slow", LARGE);
    }

    private static ListenableFuture<InferResponse> infer(
            RunnerUnderTest runner, String token, String model, ByteBuffer input) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return InferenceGrpc.newFutureStub(runner.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .infer(RunnerUnderTest.request(model, input, Map.of()));
    }

    private static Status outcome(ListenableFuture<InferResponse> call) throws InterruptedException {
        try {
            call.get();
            return Status.OK;
        } catch (ExecutionException e) {
            return ((StatusRuntimeException) e.getCause()).getStatus();
        }
    }
}
