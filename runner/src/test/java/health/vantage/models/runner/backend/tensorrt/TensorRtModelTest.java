package health.vantage.models.runner.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.IoTensor;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is called in which order, over a recorded stand-in for TensorRT: there is no GPU here. */
final class TensorRtModelTest {
    @TempDir
    Path folder;

    private final RecordedCalls calls = new RecordedCalls();
    private final TensorPool pool = new TensorPool(0);

    @AfterEach
    void nothingIsLeft() {
        assertThat(calls.alive).as("made and never destroyed").isEmpty();
        assertThat(pool.lentBytes()).isZero();
    }

    @Test
    void anEngineIsLoadedAskedAndDestroyedInTheOrderThatTensorRtNeeds() throws Exception {
        try (TensorRtModel model = open()) {
            assertThat(model.inputs()).hasToString("[x FP32[?,4]]");
            assertThat(model.outputs()).hasToString("[y FP32[?,4]]");
            assertThat(model.device()).isEqualTo("cuda:0");
            assertThat(run(model, 1, 2, 3, 4)).containsExactly(2f, 4f, 6f, 8f);
        }
        assertThat(calls.calls)
                .containsExactly(
                        "useDevice",
                        "architecture",
                        "make runtime",
                        "make engine",
                        "make context",
                        "make stream",
                        "make device",
                        "make host",
                        "upload",
                        "setInputShape x",
                        "setAddress x",
                        "shape y",
                        "make device",
                        "make host",
                        "setAddress y",
                        "enqueue",
                        "download",
                        "synchronize",
                        "close host2",
                        "close device2",
                        "close host1",
                        "close device1",
                        "close stream1",
                        "close context1",
                        "close engine1",
                        "close runtime1");
    }

    @Test
    void memoryIsKeptBetweenRequestsAndGrowsWithTheLargest() throws Exception {
        try (TensorRtModel model = open()) {
            run(model, 1, 2, 3, 4);
            calls.calls.clear();
            run(model, 5, 6, 7, 8);
            assertThat(calls.calls).as("the same size again").noneMatch(call -> call.startsWith("make"));

            assertThat(run(model, 1, 2, 3, 4, 5, 6, 7, 8)).endsWith(14f, 16f);
            assertThat(calls.calls).containsSubsequence("close host1", "close device1", "make device", "make host");
            assertThat(run(model, 9, 9, 9, 9))
                    .as("a smaller one in larger memory")
                    .containsExactly(18f, 18f, 18f, 18f);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"useDevice", "architecture", "make runtime", "make engine", "make context", "make stream"})
    void aStepOfLoadingThatFailsLeavesNothingBehind(String step) throws Exception {
        calls.failing = step;

        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(this::open)
                .withMessageContaining("TensorRT failed: " + step + " is refused");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "make device",
                "make host",
                "upload",
                "setInputShape x",
                "shape y",
                "setAddress y",
                "enqueue",
                "download"
            })
    void aStepOfARunThatFailsIsWaitedForAndTheNextRequestIsAnswered(String step) throws Exception {
        try (TensorRtModel model = open()) {
            calls.failing = step;
            assertThatExceptionOfType(BackendException.class)
                    .isThrownBy(() -> run(model, 1, 2, 3, 4))
                    .withMessageContaining(step);
            assertThat(calls.calls).last().isEqualTo("synchronize");

            calls.failing = "";
            assertThat(run(model, 1, 2, 3, 4)).containsExactly(2f, 4f, 6f, 8f);
        }
    }

    @Test
    void aShapeOutsideTheProfileIsTheCallersFault() throws Exception {
        try (TensorRtModel model = open();
                Tensor nine = tensor(new float[36])) {
            assertThat(model.objection(List.of(nine)))
                    .contains("input x has the shape [9,4], and the engine was built for [1,4] to [8,4]");
        }
    }

    @Test
    void outputsWhoseShapeDependsOnValuesAreRefused() throws Exception {
        calls.answerShape = new long[] {-1, 4};
        try (TensorRtModel model = open()) {
            assertThatExceptionOfType(BackendException.class)
                    .isThrownBy(() -> run(model, 1, 2, 3, 4))
                    .withMessageContaining("the shape of output y depends on values");
        }
    }

    @Test
    void tensorsThatCannotTravelAreNamedWhenLoading() throws Exception {
        long[] none = {};
        long[] four = {4};
        for (var wrong : List.of(
                new IoTensor("x", true, "kFP8", four, four, four, "kLINEAR", false),
                new IoTensor("x", true, "kHALF", four, four, four, "kCHW4", false),
                new IoTensor("x", true, "kINT32", four, four, four, "kLINEAR", true))) {
            RecordedCalls other = new RecordedCalls();
            other.tensors = List.of(wrong, new IoTensor("y", false, "kFLOAT", four, none, none, "kLINEAR", false));
            assertThatExceptionOfType(BackendException.class)
                    .isThrownBy(() -> open(other))
                    .withMessageContaining("\"x\" of the engine");
            assertThat(other.alive).isEmpty();
        }
    }

    @Test
    void aPlanThatCannotRunHereNeverReachesTheRuntime() throws Exception {
        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> TensorRtModel.open(calls, "10.12.0", 0, Plans.builtBy(folder, 10, 3, null)))
                .withMessageContaining("built by TensorRT 10.3");
        assertThat(calls.calls).containsExactly("useDevice", "architecture");
    }

    @Test
    void aRequestThatNobodyWaitsForIsNotRun() throws Exception {
        try (TensorRtModel model = open();
                Tensor input = tensor(1, 2, 3, 4)) {
            Cancellation gone = new Cancellation();
            gone.cancel();
            calls.calls.clear();
            assertThatExceptionOfType(BackendException.class)
                    .isThrownBy(() -> model.run(List.of(input), List.of("y"), (_, size) -> pool.lend(size), gone));
            assertThat(calls.calls).isEmpty();
        }
    }

    @Test
    void severalCallersAreAnsweredOneAfterAnotherOnTheOneThread() throws Exception {
        try (TensorRtModel model = open()) {
            List<Thread> callers = new ArrayList<>();
            List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
            for (int i = 1; i <= 4; i++) {
                float value = i;
                callers.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int round = 0; round < 50; round++) {
                            assertThat(run(model, value, value, value, value)).containsOnly(2 * value);
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(failures).isEmpty();
        }
    }

    private TensorRtModel open() throws Exception {
        return open(calls);
    }

    private TensorRtModel open(RecordedCalls with) throws Exception {
        return TensorRtModel.open(with, "10.12.0", 0, Plans.builtBy(folder, 10, 12, null));
    }

    private float[] run(TensorRtModel model, float... values) throws BackendException {
        try (Tensor input = tensor(values)) {
            List<Tensor> answers =
                    model.run(List.of(input), List.of("y"), (_, size) -> pool.lend(size), new Cancellation());
            try (Tensor answer = answers.getFirst()) {
                float[] all = new float[(int) answer.shape().elements()];
                answer.data()
                        .bytes()
                        .duplicate()
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .clear()
                        .asFloatBuffer()
                        .get(all);
                return all;
            }
        }
    }

    private Tensor tensor(float... values) {
        TensorBuffer buffer = pool.lend(values.length * 4L);
        buffer.bytes().asFloatBuffer().put(values);
        return new Tensor("x", DataType.FP32, Shape.of(values.length / 4, 4), buffer);
    }
}
