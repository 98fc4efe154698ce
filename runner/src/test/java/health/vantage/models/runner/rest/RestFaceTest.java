package health.vantage.models.runner.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.ServingOptions.SharedMemory;
import health.vantage.models.runner.access.AccessOptions;
import health.vantage.models.runner.access.ClientLimits;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SharedFile;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RestFaceTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private RunnerUnderTest runner;

    private void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
    }

    @AfterEach
    void stop() {
        if (runner != null) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> runner.serving().inferences().inside() == 0);
            runner.close();
        }
    }

    @Test
    void theServerAndItsModelsTellWhatTheyAre() throws Exception {
        start();
        runner.serving().table().slot("late");

        assertThat(json(get("/v2")).path("name").asText()).isEqualTo("vantage-runner");
        assertThat(json(get("/v2")).path("extensions").toString()).contains("binary_tensor_data");
        assertThat(get("/v2/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/v2/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/v2/models/doubler/ready").statusCode()).isEqualTo(200);
        assertThat(get("/v2/models/doubler/versions/1.0.0/ready").statusCode()).isEqualTo(200);
        assertThat(get("/v2/models/doubler/versions/2/ready").statusCode()).isEqualTo(503);
        assertThat(get("/v2/models/late/ready").statusCode()).isEqualTo(503);
        assertThat(json(get("/v2/models/doubler"))).isEqualTo(JSON.readTree("""
                        {"name":"doubler","versions":["1.0.0"],"platform":"onnx",
                         "inputs":[{"name":"x","datatype":"FP32","shape":[1,3]}],
                         "outputs":[{"name":"y","datatype":"FP32","shape":[1,3]}]}"""));
        assertThat(json(get("/v2/models/doubler/config")).path("max_batch_size").asInt(-1))
                .isZero();
        assertThat(json(post("/v2/repository/index", "{\"ready\":true}")))
                .isEqualTo(JSON.readTree(
                        "[{\"name\":\"doubler\",\"version\":\"1.0.0\",\"state\":\"READY\",\"reason\":\"\"}]"));
    }

    @Test
    void numbersInJsonGoInFlatOrNestedAndComeBackFlat() throws Exception {
        start();
        for (String data : List.of("[1,2.5,-3]", "[[1,2.5,-3]]")) {
            HttpResponse<byte[]> response = post("/v2/models/doubler/infer", """
                    {"id":"7","inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":%s}]}""".formatted(data));

            assertThat(json(response)).isEqualTo(JSON.readTree("""
                            {"model_name":"doubler","model_version":"1.0.0","id":"7",
                             "outputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[2.0,5.0,-6.0]}]}"""));
        }
    }

    @Test
    void bytesTravelBehindTheJsonBothWays() throws Exception {
        start();
        String header = """
                {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}],
                 "parameters":{"binary_data_output":true}}""";

        HttpResponse<byte[]> response = binary("doubler", header, Floats.bytes(1, 2, 3));

        int length = Integer.parseInt(
                response.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        JsonNode json = JSON.readTree(Arrays.copyOf(response.body(), length));
        assertThat(json.at("/outputs/0/parameters/binary_data_size").asInt()).isEqualTo(12);
        assertThat(json.at("/outputs/0").has("data")).isFalse();
        assertThat(Floats.of(ByteBuffer.wrap(response.body(), length, 12).slice()))
                .containsExactly(2, 4, 6);
    }

    @Test
    void aLargeBinaryTensorGoesThrough() throws Exception {
        start();
        int elements = 3 << 20;
        runner.serve("large", "1.0.0", OnnxModels.scale(2, elements), Shape.of(elements), Shape.of(elements));

        HttpResponse<byte[]> response =
                binary("large", """
                {"inputs":[{"name":"x","datatype":"FP32","shape":[%d],"parameters":{"binary_data_size":%d}}],
                 "outputs":[{"name":"y","parameters":{"binary_data":true}}]}""".formatted(elements, 4 * elements), Floats.filled(elements, 3));

        assertThat(response.statusCode()).isEqualTo(200);
        ByteBuffer body = ByteBuffer.wrap(response.body());
        body.position(body.limit() - 4 * elements);
        assertThat(Floats.of(body.slice())).containsOnly(6);
    }

    @Test
    void everyIntegerAndTextHasItsFormInJson() throws Exception {
        start();
        for (List<String> one : List.of(
                List.of("BOOL", "9", "[true,false]"),
                List.of("UINT8", "2", "[255,0]"),
                List.of("INT16", "5", "[-32768,7]"),
                List.of("INT64", "7", "[9007199254740993,-1]"),
                List.of("FP64", "11", "[0.1,1.0E300]"),
                List.of("BYTES", "8", "[\"größer\",\"\"]"))) {
            byte[] identity = new OnnxGraph()
                    .typedInput("x", Integer.parseInt(one.get(1)), 2)
                    .typedOutput("y", Integer.parseInt(one.get(1)), 2)
                    .node("Identity", List.of("x"), "y")
                    .bytes();
            runner.serve("identity", "1.0.0", identity, Shape.of(2), Shape.of(2));

            JsonNode answer = json(post("/v2/models/identity/infer", """
                    {"inputs":[{"name":"x","datatype":"%s","shape":[2],"data":%s}]}""".formatted(one.get(0), one.get(2))));

            assertThat(answer.at("/outputs/0/data")).isEqualTo(JSON.readTree(one.get(2)));
        }
    }

    @Test
    void outputOptionsAreParametersHereToo() throws Exception {
        start();
        JsonNode answer = json(post("/v2/models/doubler/infer", """
                {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,7,3]}],
                 "outputs":[{"name":"y","parameters":{"classification":2}}]}"""));

        assertThat(answer.at("/outputs/0/data")).isEqualTo(JSON.readTree("[\"14.000000:1\",\"6.000000:2\"]"));
    }

    @Test
    void whatIsWrongIsAnsweredWithASentence() throws Exception {
        start();
        String x = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3],%s}]}";

        refused(404, "no model \"none\"", post("/v2/models/none/infer", x.formatted("\"data\":[1,2,3]")));
        refused(404, "nothing is at /v2/nowhere", get("/v2/nowhere"));
        refused(405, "takes POST", get("/v2/models/doubler/infer"));
        refused(400, "the body is no JSON", post("/v2/models/doubler/infer", "{"));
        refused(400, "no JSON object", post("/v2/models/doubler/infer", "[]"));
        refused(400, "must have 12 bytes, got 8", post("/v2/models/doubler/infer", x.formatted("\"data\":[1,2]")));
        refused(400, "\"two\" is no FP32", post("/v2/models/doubler/infer", x.formatted("\"data\":[1,\"two\",3]")));
        refused(
                400,
                "input x: needs one of data, binary_data_size and shared_memory_region",
                post("/v2/models/doubler/infer", x.formatted("\"parameters\":{}")));
        refused(
                400,
                "the body ends before its 12 bytes",
                binary("doubler", x.formatted("\"parameters\":{\"binary_data_size\":12}"), Floats.bytes(1, 2)));
        refused(
                400,
                "the body goes on behind",
                binary("doubler", x.formatted("\"parameters\":{\"binary_data_size\":12}"), Floats.bytes(1, 2, 3, 4)));
        refused(
                400,
                "a request has at most",
                binary("doubler", x.formatted("\"parameters\":{\"binary_data_size\":4000000000}"), Floats.bytes(1)));
        refused(400, "is not loaded or unloaded here", post("/v2/repository/models/doubler/unload", ""));
        refused(
                501,
                "switched off",
                post("/v2/systemsharedmemory/region/r/register", "{\"key\":\"k\",\"byte_size\":1}"));
        refused(501, "CUDA", get("/v2/cudasharedmemory/status"));
    }

    @Test
    void statisticsCountWhatCameThisWay() throws Exception {
        start();
        post("/v2/models/doubler/infer", """
                {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""");

        JsonNode one = json(get("/v2/models/doubler/stats"));
        JsonNode all = json(get("/v2/models/stats"));

        assertThat(one.at("/model_stats/0/inference_stats/success/count").asInt())
                .isEqualTo(1);
        assertThat(one.at("/model_stats/0/inference_stats/success/ns").isNumber())
                .isTrue();
        assertThat(all.at("/model_stats/0/name").asText()).isEqualTo("doubler");
    }

    @Test
    void aFullQueueIsSaidAndHealthAndMetricsStillAnswer() throws Exception {
        int size = 512;
        runner = new RunnerUnderTest(folder, new QueueLimits(1, 1), 512L << 20);
        runner.serveSlow(size, Duration.ofMillis(700));
        String header = """
                {"inputs":[{"name":"x","datatype":"FP32","shape":[512,512],"parameters":{"binary_data_size":1048576}}],
                 "outputs":[{"name":"y","parameters":{"binary_data":true}}]}""";
        List<CompletableFuture<HttpResponse<byte[]>>> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            calls.add(http.sendAsync(
                    binaryRequest("slow", header, Floats.filled(size * size, 0)), BodyHandlers.ofByteArray()));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> runner.serving().inferences().inside() == 2);

        assertThat(get("/healthz/live").statusCode()).isEqualTo(200);
        assertThat(get("/healthz/ready").statusCode()).isEqualTo(200);
        assertThat(get("/v2/health/ready").statusCode()).isEqualTo(200);
        assertThat(new String(get("/metrics").body(), StandardCharsets.UTF_8)).contains("nv_inference_request_success");
        List<Integer> statuses =
                calls.stream().map(call -> call.join().statusCode()).toList();
        assertThat(statuses).contains(200).contains(429).containsOnly(200, 429);
    }

    @Test
    void bodiesThatAreStillComingTakeNoMoreMemoryThanAllRequestsMay() throws Exception {
        runner = new RunnerUnderTest(folder, new QueueLimits(4, 1), 1L << 20);
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
        String ask = """
                {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""";

        try (Socket slow = new Socket("localhost", runner.serving().httpPort())) {
            slow.getOutputStream().write("""
                    POST /v2/models/doubler/infer HTTP/1.1\r
                    Host: localhost\r
                    Content-Length: 1048576\r
                    \r
                    {""".getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                HttpResponse<byte[]> refused = post("/v2/models/doubler/infer", ask);
                refused(429, "1048576 tensor bytes are in flight", refused);
            });
            assertThat(get("/healthz/live").statusCode()).isEqualTo(200);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> post("/v2/models/doubler/infer", ask).statusCode() == 200);
    }

    @Test
    void sharedMemoryIsRegisteredAndUsedOverHttp() throws Exception {
        Path shm = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(shm), "this machine has no /dev/shm to write to");
        Path shared = Files.createTempDirectory(shm, "vantage-test-");
        try (SharedFile file = SharedFile.create(shared.resolve("scan"), 64)) {
            runner = new RunnerUnderTest(
                    folder,
                    LaneLimits.all(new QueueLimits(10, 1)),
                    1 << 20,
                    1,
                    Optional.of(new SharedMemory(shared, false)));
            runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
            file.put(0, Floats.bytes(1, 2, 3));
            json(post(
                    "/v2/systemsharedmemory/region/scan/register",
                    "{\"key\":\"/scan\",\"offset\":0,\"byte_size\":64}"));

            JsonNode answer = json(post("/v2/models/doubler/infer", """
                    {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],
                       "parameters":{"shared_memory_region":"scan","shared_memory_byte_size":12}}],
                     "outputs":[{"name":"y",
                       "parameters":{"shared_memory_region":"scan","shared_memory_offset":32,"shared_memory_byte_size":12}}]}"""));

            assertThat(file.floats(32, 3)).containsExactly(2, 4, 6);
            assertThat(answer.at("/outputs/0").has("data")).isFalse();
            assertThat(json(get("/v2/systemsharedmemory/status"))
                            .path(0)
                            .path("name")
                            .asText())
                    .isEqualTo("scan");
            json(post("/v2/systemsharedmemory/region/scan/unregister", ""));
            assertThat(json(get("/v2/systemsharedmemory/status"))).isEmpty();
        } finally {
            Files.deleteIfExists(shared);
        }
    }

    @Test
    void whoeverHasNoTokenIsTurnedAwayButForHealthAndMetrics() throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "scanner: 0123456789abcdef0123456789abcdef");
        runner = new RunnerUnderTest(
                folder,
                new AccessOptions(Optional.empty(), Optional.of(tokens), ClientLimits.NONE, Duration.ofSeconds(10)));

        assertThat(get("/v2/models/stats").statusCode()).isEqualTo(401);
        assertThat(http.send(
                                HttpRequest.newBuilder(uri("/v2/models/stats"))
                                        .header("Authorization", "Bearer 0123456789abcdef0123456789abcdef")
                                        .build(),
                                BodyHandlers.ofByteArray())
                        .statusCode())
                .isEqualTo(200);
        assertThat(get("/healthz/ready").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").statusCode()).isEqualTo(200);
    }

    private HttpResponse<byte[]> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> post(String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> binary(String model, String header, ByteBuffer tensor) throws Exception {
        return http.send(binaryRequest(model, header, tensor), BodyHandlers.ofByteArray());
    }

    private HttpRequest binaryRequest(String model, String header, ByteBuffer tensor) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json);
        byte[] bytes = new byte[tensor.remaining()];
        tensor.duplicate().get(bytes);
        body.writeBytes(bytes);
        return HttpRequest.newBuilder(uri("/v2/models/" + model + "/infer"))
                .header("Inference-Header-Content-Length", Integer.toString(json.length))
                .POST(BodyPublishers.ofByteArray(body.toByteArray()))
                .build();
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + runner.serving().httpPort() + path);
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private static void refused(int status, String sentence, HttpResponse<byte[]> response) throws IOException {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        assertThat(JSON.readTree(response.body()).path("error").asText()).contains(sentence);
    }
}
