package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.model.VersionCounters;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.HealthRequest;
import health.vantage.models.runner.proto.seed.HealthResponse;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeedApiTest {
    @TempDir
    Path folder;

    private RunnerUnderTest runner;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    @Test
    void aTensorGoesInAndATensorComesOutWithLatencyAndVersion() throws Exception {
        runner.serve("doubler", "2.4.1", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        InferResponse response = runner.infer("doubler", Floats.bytes(1, 2, 3));

        assertThat(Floats.of(response.getOutputTensor())).containsExactly(2, 4, 6);
        assertThat(response.getModelVersion()).isEqualTo("2.4.1");
        assertThat(response.getLatencyMs()).isPositive();
    }

    @Test
    void theServiceKeepsItsBareName() {
        assertThat(InferenceGrpc.SERVICE_NAME).isEqualTo("Inference");
    }

    @Test
    void aTensorOfTheWrongSizeIsRefusedNamingTheTensorTheExpectedAndTheActual() throws Exception {
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        assertRefused(Status.Code.INVALID_ARGUMENT, () -> runner.infer("doubler", Floats.bytes(1, 2)))
                .withMessageContaining("input x FP32[1,3] must have 12 bytes, got 8");
    }

    @Test
    void anUnknownModelIsNotFoundAndTheAnswerListsWhatIsServed() throws Exception {
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        assertRefused(Status.Code.NOT_FOUND, () -> runner.infer("retina", Floats.bytes(1)))
                .withMessageContaining("no model \"retina\"")
                .withMessageContaining("[doubler]");
    }

    @Test
    void aModelThatIsNotLoadedIsUnavailableAndSaysWhy() {
        runner.serving().table().slot("retina").whyNot("it is being pulled");

        assertRefused(Status.Code.UNAVAILABLE, () -> runner.infer("retina", Floats.bytes(1)))
                .withMessageContaining("it is being pulled");
    }

    @Test
    void openDimensionsComeFromTheRequestElseFromTheMetadataElseFromTheSize() throws Exception {
        byte[] open = OnnxModels.identity(1, -1, -1);
        runner.serve("both-open", "1.0.0", open, Shape.of(1, 2, 2), Shape.of(1, -1, -1));
        assertThat(Floats.of(runner.infer("both-open", Floats.bytes(1, 2, 3, 4)).getOutputTensor()))
                .containsExactly(1, 2, 3, 4);
        assertThat(Floats.of(runner.infer("both-open", Floats.filled(6, 7), Map.of("shape", "1,2,3"))
                        .getOutputTensor()))
                .hasSize(6);

        runner.serve("one-open", "1.0.0", OnnxModels.identity(-1, 2), Shape.of(-1, 2), Shape.of(-1, 2));
        assertThat(Floats.of(runner.infer("one-open", Floats.filled(10, 1)).getOutputTensor()))
                .hasSize(10);
        assertRefused(Status.Code.INVALID_ARGUMENT, () -> runner.infer("one-open", Floats.filled(3, 1)))
                .withMessageContaining("must have a multiple of 8 bytes, got 12");
    }

    @Test
    void aShapeThatTheModelCannotTakeIsRefused() throws Exception {
        runner.serve("open", "1.0.0", OnnxModels.identity(1, -1), Shape.of(1, 4), Shape.of(1, -1));

        assertRefused(
                        Status.Code.INVALID_ARGUMENT,
                        () -> runner.infer("open", Floats.filled(4, 1), Map.of("shape", "2,2")))
                .withMessageContaining("must have the shape [1,?], got [2,2]");
        assertRefused(
                        Status.Code.INVALID_ARGUMENT,
                        () -> runner.infer("open", Floats.filled(4, 1), Map.of("shape", "a,b")))
                .withMessageContaining("\"a,b\" is no shape");
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                () -> runner.infer("open", Floats.filled(4, 1), Map.of("shape", "1,9223372036854775807")));
    }

    @Test
    void ofSeveralOutputsTheFirstComesBackOrTheOneAskedFor() throws Exception {
        byte[] two = new OnnxGraph()
                .input("x", 2)
                .output("same", 2)
                .output("negative", 2)
                .node("Identity", List.of("x"), "same")
                .node("Neg", List.of("x"), "negative")
                .bytes();
        runner.serve("two", "1.0.0", two, Shape.of(2), Shape.of(2));

        assertThat(Floats.of(runner.infer("two", Floats.bytes(1, 2)).getOutputTensor()))
                .containsExactly(1, 2);
        assertThat(Floats.of(runner.infer("two", Floats.bytes(1, 2), Map.of("output", "negative"))
                        .getOutputTensor()))
                .containsExactly(-1, -2);
        assertRefused(
                        Status.Code.INVALID_ARGUMENT,
                        () -> runner.infer("two", Floats.bytes(1, 2), Map.of("output", "other")))
                .withMessageContaining("no output \"other\"; it has [same, negative]");
    }

    @Test
    void aModelThatFailsAnswersInternalAndServesTheNextRequest() throws Exception {
        runner.serve("fragile", "1.0.0", OnnxModels.failsAbove(0.5f, 1, 2), Shape.of(1, 2), Shape.of(1, 2));

        assertRefused(Status.Code.INTERNAL, () -> runner.infer("fragile", Floats.bytes(0, 1)))
                .withMessageContaining("the model failed");
        assertThat(Floats.of(runner.infer("fragile", Floats.bytes(0, 0.25f)).getOutputTensor()))
                .containsExactly(0, 0.25f);
        var reading = runner.serving()
                .table()
                .slot("fragile")
                .active()
                .orElseThrow()
                .counters()
                .read();
        assertThat(reading.requests()).isEqualTo(2);
        assertThat(reading.errors()).isEqualTo(1);
    }

    @Test
    void anExpiredDeadlineStopsTheRunAndFreesTheModel() throws Exception {
        runner.serveSlow(400, Duration.ofSeconds(1));
        var input = Floats.filled(400 * 400, 0);
        Duration wholeRun = Duration.ofNanos((long) (runner.infer("slow", input).getLatencyMs() * 1e6));

        long start = System.nanoTime();
        assertRefused(Status.Code.DEADLINE_EXCEEDED, () -> InferenceGrpc.newBlockingStub(runner.channel())
                .withDeadlineAfter(wholeRun.toMillis() / 10, TimeUnit.MILLISECONDS)
                .infer(RunnerUnderTest.request("slow", input, Map.of())));
        await().until(() -> runner.serving().inferences().inside() == 0);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(wholeRun);
        assertThat(counters("slow").errors())
                .as("a caller's haste is no fault of the model")
                .isZero();
    }

    @Test
    void aFullQueueIsResourceExhausted() throws Exception {
        try (RunnerUnderTest small = new RunnerUnderTest(folder, new QueueLimits(1, 1), 512L << 20)) {
            small.serveSlow(400, Duration.ofMillis(300));
            var request = RunnerUnderTest.request("slow", Floats.filled(400 * 400, 0), Map.of());
            var stub = InferenceGrpc.newFutureStub(small.channel());
            var calls = IntStream.range(0, 8).mapToObj(_ -> stub.infer(request)).toList();

            Map<Status.Code, Integer> outcomes = new EnumMap<>(Status.Code.class);
            for (var call : calls) {
                outcomes.merge(codeOf(call), 1, Integer::sum);
            }

            assertThat(outcomes).containsOnlyKeys(Status.Code.OK, Status.Code.RESOURCE_EXHAUSTED);
            assertThat(outcomes.get(Status.Code.OK)).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void bytesInFlightAreBoundedAndGivenBack() throws Exception {
        try (RunnerUnderTest small = new RunnerUnderTest(folder, new QueueLimits(100, 1), 1 << 20)) {
            Shape shape = Shape.of(100_000);
            small.serve("identity", "1.0.0", OnnxModels.identity(100_000), shape, shape);
            small.serve("large", "1.0.0", OnnxModels.identity(200_000), Shape.of(200_000), Shape.of(200_000));

            var request = RunnerUnderTest.request("identity", Floats.filled(100_000, 1), Map.of());
            var stub = InferenceGrpc.newFutureStub(small.channel());
            for (int i = 0; i < 10; i++) {
                // The bytes are given back when the call has ended, which its caller hears a little earlier.
                await().until(() -> codeOf(stub.infer(request)) == Status.Code.OK);
            }
            assertRefused(Status.Code.INVALID_ARGUMENT, () -> small.infer("large", Floats.filled(200_000, 1)))
                    .withMessageContaining("1600000 tensor bytes, in and out; this runner takes at most 1048576");
        }
    }

    private static Status.Code codeOf(Future<InferResponse> call) throws InterruptedException {
        try {
            call.get();
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause()).getCode();
        }
    }

    private VersionCounters.Reading counters(String model) {
        return runner.serving()
                .table()
                .slot(model)
                .active()
                .orElseThrow()
                .counters()
                .read();
    }

    @Test
    void healthTellsOfTheRunnerAndOfEachModel() throws Exception {
        runner.serve("doubler", "1.2.3", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
        InferenceGrpc.InferenceBlockingStub stub = InferenceGrpc.newBlockingStub(runner.channel());

        HealthResponse whole = stub.health(HealthRequest.getDefaultInstance());
        HealthResponse one =
                stub.health(HealthRequest.newBuilder().setModelName("doubler").build());
        HealthResponse none =
                stub.health(HealthRequest.newBuilder().setModelName("retina").build());

        assertThat(whole.getReady()).isTrue();
        assertThat(one.getReady()).isTrue();
        assertThat(one.getModelVersion()).isEqualTo("1.2.3");
        assertThat(none.getReady()).isFalse();
        assertThat(none.getMessage()).contains("no model \"retina\"");
    }

    private static ThrowableAssertAlternative<StatusRuntimeException> assertRefused(
            Status.Code code, ThrowingCallable call) {
        return assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call)
                .satisfies(e ->
                        assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code));
    }
}
