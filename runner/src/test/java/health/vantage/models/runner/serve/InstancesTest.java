package health.vantage.models.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorSpec;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many runs there are at once, seen from inside a model: no real one can be asked to wait. */
final class InstancesTest {
    private final Waiting model = new Waiting();

    @TempDir
    Path folder;

    @AfterEach
    void letGo() {
        model.go.countDown();
    }

    @Test
    void aModelWithTwoInstancesRunsTwoRequestsAtOnceAndTheThirdAfterThem() throws Exception {
        try (RunnerUnderTest runner = serving(new QueueLimits(10, 2))) {
            List<ListenableFuture<InferResponse>> calls = calls(runner, 3);

            await().until(() -> model.inside.get() == 2 && lane(runner).waiting() == 1);
            model.go.countDown();

            for (var call : calls) {
                call.get();
            }
            assertThat(model.most.get()).isEqualTo(2);
        }
    }

    @Test
    void theQueueHoldsItsNumberBesideThoseThatRun() throws Exception {
        try (RunnerUnderTest runner = serving(new QueueLimits(2, 2))) {
            calls(runner, 2);
            await().until(() -> model.inside.get() == 2);
            calls(runner, 2);
            await().until(() -> lane(runner).waiting() == 2);

            assertThat(refusal(call(runner))).contains("RESOURCE_EXHAUSTED", "2 requests wait for model held already");
        }
    }

    @Test
    void aRequestThatIsCancelledInTheQueueMakesRoomAtOnceAndNeverRuns() throws Exception {
        try (RunnerUnderTest runner = serving(new QueueLimits(1, 1))) {
            var runs = call(runner);
            await().until(() -> model.inside.get() == 1);
            var leaves = call(runner);
            await().until(() -> lane(runner).waiting() == 1);

            leaves.cancel(true);
            await().until(() -> lane(runner).waiting() == 0);
            var takesItsPlace = call(runner);
            await().until(() -> lane(runner).waiting() == 1);
            model.go.countDown();

            runs.get();
            takesItsPlace.get();
            assertThat(model.runs.get()).isEqualTo(2);
        }
    }

    @Test
    void aRequestWhoseDeadlinePassesInTheQueueNeverRuns() throws Exception {
        try (RunnerUnderTest runner = serving(new QueueLimits(5, 1))) {
            var runs = call(runner);
            await().until(() -> model.inside.get() == 1);

            var hasty = InferenceGrpc.newFutureStub(runner.channel())
                    .withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                    .infer(RunnerUnderTest.request("held", Floats.bytes(1), Map.of()));

            assertThat(refusal(hasty)).contains("DEADLINE_EXCEEDED");
            await().until(() -> lane(runner).waiting() == 0);
            model.go.countDown();
            runs.get();
            assertThat(model.runs.get()).isEqualTo(1);
        }
    }

    private RunnerUnderTest serving(QueueLimits limits) throws Exception {
        RunnerUnderTest runner = new RunnerUnderTest(folder, limits, 1 << 20);
        ModelContract contract = new ModelContract("held", "1", "onnx", "fp32", Shape.of(1), Shape.of(1), 1);
        runner.serving()
                .table()
                .slot("held")
                .activate(new ServedVersion(Digest.of("held".getBytes()), contract, model));
        return runner;
    }

    private static ModelLane lane(RunnerUnderTest runner) {
        return runner.serving().table().find("held").orElseThrow();
    }

    private static List<ListenableFuture<InferResponse>> calls(RunnerUnderTest runner, int count) {
        List<ListenableFuture<InferResponse>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(call(runner));
        }
        return calls;
    }

    private static ListenableFuture<InferResponse> call(RunnerUnderTest runner) {
        return InferenceGrpc.newFutureStub(runner.channel())
                .infer(RunnerUnderTest.request("held", Floats.bytes(1), Map.of()));
    }

    private static String refusal(ListenableFuture<InferResponse> call) throws InterruptedException {
        try {
            return "answered " + call.get();
        } catch (ExecutionException e) {
            return ((StatusRuntimeException) e.getCause()).getStatus().toString();
        }
    }

    /** {@code y = x}, once it may. */
    private static final class Waiting implements LoadedModel {
        final CountDownLatch go = new CountDownLatch(1);
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final AtomicInteger runs = new AtomicInteger();

        @Override
        public List<TensorSpec> inputs() {
            return List.of(new TensorSpec("x", DataType.FP32, Shape.of(1)));
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(new TensorSpec("y", DataType.FP32, Shape.of(1)));
        }

        @Override
        public String device() {
            return "cpu";
        }

        @Override
        public List<Tensor> run(
                List<Tensor> inputs, List<String> outputs, OutputMemory memory, Cancellation cancellation) {
            runs.incrementAndGet();
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            inside.decrementAndGet();
            return List.of(new Tensor("y", DataType.FP32, Shape.of(1), memory.lend("y", 4)));
        }

        @Override
        public void close() {}
    }
}
