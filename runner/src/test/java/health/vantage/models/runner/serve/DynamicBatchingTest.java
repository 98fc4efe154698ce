package health.vantage.models.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.ModelConfig;
import health.vantage.models.runner.proto.v2.ModelConfigRequest;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.samples.TextPicture;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real models behind a real gRPC port. A delay that no test waits out makes sure of the company: a batch runs when it is full. */
final class DynamicBatchingTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Shape PAIRS = Shape.of(-1, 2);

    @TempDir
    Path folder;

    @Test
    void fourRequestsAreOneRunAndEachHasItsOwnAnswer() throws Exception {
        try (RunnerUnderTest runner = batching("doubler", 4)) {
            runner.serve("doubler", "1", OnnxModels.scale(2, -1, 2), PAIRS, PAIRS);

            List<ListenableFuture<InferResponse>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(call(runner, "doubler", Floats.bytes(i, 10 + i)));
            }

            for (int i = 0; i < 4; i++) {
                assertThat(Floats.of(calls.get(i).get().getOutputTensor())).containsExactly(2 * i, 20 + 2 * i);
            }
            assertThat(runs(runner, "doubler")).containsExactly(Map.entry(4L, 1L));
            assertThat(runner.serving().metrics())
                    .contains(
                            "nv_inference_count{model=\"doubler\"} 4", "nv_inference_exec_count{model=\"doubler\"} 1");
        }
    }

    @Test
    void requestsWithDifferentNumbersOfRowsAreOneRun() throws Exception {
        try (RunnerUnderTest runner = batching("doubler", 6)) {
            runner.serve("doubler", "1", OnnxModels.scale(2, -1, 2), PAIRS, PAIRS);

            var one = call(runner, "doubler", Floats.bytes(1, 2));
            var three = call(runner, "doubler", Floats.bytes(3, 4, 5, 6, 7, 8));
            var two = call(runner, "doubler", Floats.bytes(9, 10, 11, 12));

            assertThat(Floats.of(one.get().getOutputTensor())).containsExactly(2, 4);
            assertThat(Floats.of(three.get().getOutputTensor())).containsExactly(6, 8, 10, 12, 14, 16);
            assertThat(Floats.of(two.get().getOutputTensor())).containsExactly(18, 20, 22, 24);
            assertThat(runs(runner, "doubler")).containsExactly(Map.entry(6L, 1L));
        }
    }

    @Test
    void joinedTensorsCountAgainstTheBudgetAndRunAloneWithoutRoom() throws Exception {
        // Each request has 8 bytes in and 8 out, and so has each row of the joined tensors.
        for (long budget : new long[] {2 * 16, 2 * 16 + 2 * 16}) {
            try (RunnerUnderTest runner = batching("doubler", 2, budget)) {
                runner.serve("doubler", "1", OnnxModels.scale(2, -1, 2), PAIRS, PAIRS);

                var one = call(runner, "doubler", Floats.bytes(1, 2));
                var two = call(runner, "doubler", Floats.bytes(3, 4));

                assertThat(Floats.of(one.get().getOutputTensor())).containsExactly(2, 4);
                assertThat(Floats.of(two.get().getOutputTensor())).containsExactly(6, 8);
                assertThat(runs(runner, "doubler"))
                        .as("with room for %d bytes", budget)
                        .isEqualTo(budget == 32 ? Map.of(1L, 2L) : Map.of(2L, 1L));
            }
        }
    }

    @Test
    void theConfigurationTellsOfItInTritonsWords() throws Exception {
        Batching rule = new Batching(8, List.of(4, 2), Duration.ofMillis(3));
        LaneLimits all = LaneLimits.all(new QueueLimits(100, 1, Optional.of(rule)));
        try (RunnerUnderTest runner = new RunnerUnderTest(folder, all, 64L << 20, 1)) {
            runner.serve("doubler", "1", OnnxModels.scale(2, -1, 2), PAIRS, PAIRS);
            runner.serve("closed", "1", OnnxModels.scale(2, 1, 2), Shape.of(1, 2), Shape.of(1, 2));

            ModelConfig joined = config(runner, "doubler");
            assertThat(joined.getMaxBatchSize()).isEqualTo(8);
            assertThat(joined.getDynamicBatching().getPreferredBatchSizeList()).containsExactly(2, 4);
            assertThat(joined.getDynamicBatching().getMaxQueueDelayMicroseconds())
                    .isEqualTo(3000);
            assertThat(joined.getInput(0).getDimsList()).containsExactly(2L);
            assertThat(joined.getOutput(0).getDimsList()).containsExactly(2L);

            ModelConfig alone = config(runner, "closed");
            assertThat(alone.getMaxBatchSize())
                    .as("its first dimension is not open")
                    .isZero();
            assertThat(alone.hasDynamicBatching()).isFalse();
            assertThat(alone.getInput(0).getDimsList()).containsExactly(1L, 2L);
        }
    }

    @Test
    void aFailingRequestFailsAlone() throws Exception {
        try (RunnerUnderTest runner = batching("careful", 3)) {
            var slot = runner.serve("careful", "1", OnnxModels.failsAbove(100, -1, 2), PAIRS, PAIRS);

            var good = call(runner, "careful", Floats.bytes(1, 2));
            var bad = call(runner, "careful", Floats.bytes(1, 1000));
            var alsoGood = call(runner, "careful", Floats.bytes(3, 4));

            assertThat(Floats.of(good.get().getOutputTensor())).containsExactly(1, 2);
            assertThat(Floats.of(alsoGood.get().getOutputTensor())).containsExactly(3, 4);
            assertThat(codeOf(bad)).isEqualTo(Status.Code.INTERNAL);
            assertThat(slot.active().orElseThrow().counters().read().errors()).isEqualTo(1);
        }
    }

    @Test
    void aModelWhoseAnswersCannotBeToldApartRunsItsRequestsAlone() throws Exception {
        byte[] flattens = new OnnxGraph()
                .input("x", -1, 2)
                .output("y", -1)
                .shapeConstant("flat", -1)
                .node("Reshape", List.of("x", "flat"), "y")
                .bytes();
        try (RunnerUnderTest runner = batching("flat", 2)) {
            runner.serve("flat", "1", flattens, PAIRS, Shape.of(-1));

            var one = call(runner, "flat", Floats.bytes(1, 2));
            var two = call(runner, "flat", Floats.bytes(3, 4));

            assertThat(Floats.of(one.get().getOutputTensor())).containsExactly(1, 2);
            assertThat(Floats.of(two.get().getOutputTensor())).containsExactly(3, 4);
            // From now on none waits for company: this one would for ten seconds.
            long start = System.nanoTime();
            assertThat(Floats.of(call(runner, "flat", Floats.bytes(5, 6)).get().getOutputTensor()))
                    .containsExactly(5, 6);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG.dividedBy(2));
        }
    }

    @Test
    void whoeverLeavesABatchLeavesItsPlaceToTheNext() throws Exception {
        try (RunnerUnderTest runner = batching("doubler", 3)) {
            runner.serve("doubler", "1", OnnxModels.scale(2, -1, 2), PAIRS, PAIRS);
            var stays = call(runner, "doubler", Floats.bytes(1, 2));
            var leaves = call(runner, "doubler", Floats.bytes(3, 4));
            ModelLane lane = runner.serving().table().find("doubler").orElseThrow();
            await().until(() -> lane.waiting() == 2);

            leaves.cancel(true);
            await().until(() -> lane.waiting() == 1);
            var late = call(runner, "doubler", Floats.bytes(5, 6));
            var last = call(runner, "doubler", Floats.bytes(7, 8));

            assertThat(Floats.of(stays.get().getOutputTensor())).containsExactly(2, 4);
            assertThat(Floats.of(late.get().getOutputTensor())).containsExactly(10, 12);
            assertThat(Floats.of(last.get().getOutputTensor())).containsExactly(14, 16);
            assertThat(runs(runner, "doubler")).containsExactly(Map.entry(3L, 1L));
        }
    }

    @Test
    void aRequestWhoseDeadlinePassesWhileItWaitsForCompanyIsNotRun() throws Exception {
        try (RunnerUnderTest runner = batching("doubler", 3)) {
            runner.serve("doubler", "1", OnnxModels.scale(2, -1, 2), PAIRS, PAIRS);

            var hasty = InferenceGrpc.newFutureStub(runner.channel())
                    .withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                    .infer(RunnerUnderTest.request("doubler", Floats.bytes(1, 2), Map.of()));

            assertThat(codeOf(hasty)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            await().until(() -> runner.serving().inferences().inside() == 0);
            assertThat(runs(runner, "doubler")).isEmpty();
        }
    }

    @Test
    void theRealClassifierAnswersTheSameTogetherAndAlone() throws Exception {
        byte[] cls = Files.readAllBytes(RealModels.require(RealModels.CLS));
        List<ByteBuffer> pictures = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pictures.add(TextPicture.of("sample " + i, 48, 192));
        }
        try (RunnerUnderTest runner = batching("together", 8)) {
            for (String name : List.of("alone", "together")) {
                runner.serve(name, "2.0.0", cls, Shape.of(-1, 3, 48, 192), Shape.of(-1, 2));
            }
            List<float[]> alone = new ArrayList<>();
            for (ByteBuffer picture : pictures) {
                alone.add(Floats.of(runner.infer("alone", picture).getOutputTensor()));
            }

            List<ListenableFuture<InferResponse>> calls = pictures.stream()
                    .map(picture -> call(runner, "together", picture))
                    .toList();

            for (int i = 0; i < calls.size(); i++) {
                float[] answer = Floats.of(calls.get(i).get().getOutputTensor());
                assertThat(answer).hasSize(2);
                assertThat(answer[0]).isCloseTo(alone.get(i)[0], within(1e-5f));
                assertThat(answer[1]).isCloseTo(alone.get(i)[1], within(1e-5f));
            }
            assertThat(runs(runner, "together")).containsExactly(Map.entry(8L, 1L));
            assertThat(runs(runner, "alone")).containsExactly(Map.entry(1L, 8L));
        }
    }

    private static ModelConfig config(RunnerUnderTest runner, String model) {
        return GRPCInferenceServiceGrpc.newBlockingStub(runner.channel())
                .modelConfig(ModelConfigRequest.newBuilder().setName(model).build())
                .getConfig();
    }

    private RunnerUnderTest batching(String model, int rows) throws Exception {
        return batching(model, rows, 512L << 20);
    }

    private RunnerUnderTest batching(String model, int rows, long maxBytesInFlight) throws Exception {
        QueueLimits plain = new QueueLimits(100, 1);
        QueueLimits batching = new QueueLimits(100, 1, Optional.of(new Batching(rows, List.of(), LONG)));
        return new RunnerUnderTest(folder, new LaneLimits(plain, Map.of(model, batching)), maxBytesInFlight, 1);
    }

    private static ListenableFuture<InferResponse> call(RunnerUnderTest runner, String model, ByteBuffer input) {
        return InferenceGrpc.newFutureStub(runner.channel()).infer(RunnerUnderTest.request(model, input, Map.of()));
    }

    /** How many runs had so many rows. */
    private static Map<Long, Long> runs(RunnerUnderTest runner, String model) {
        Map<Long, Long> runs = new java.util.TreeMap<>();
        runner.serving()
                .table()
                .find(model)
                .orElseThrow()
                .statistics()
                .read()
                .forEach((rows, reading) -> runs.put(rows, reading.runs()));
        return runs;
    }

    private static Status.Code codeOf(Future<InferResponse> call) throws InterruptedException {
        try {
            call.get();
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause()).getCode();
        }
    }
}
