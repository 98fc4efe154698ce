package health.vantage.models.runner.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.client.Inference;
import health.vantage.models.client.InferenceRequest;
import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.RunnerException;
import health.vantage.models.client.RunnerException.Kind;
import health.vantage.models.client.SharedMemory;
import health.vantage.models.client.Tensor;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.ServingOptions;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterRequest;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and a real runner on the same memory. */
@Timeout(120)
final class ClientSharedMemoryTest {
    private static final Path DEV_SHM = Path.of("/dev/shm");
    /** Half a MiB. */
    private static final int SIZE = 128 << 10;

    @TempDir
    Path folder;

    private Path shared;
    private RunnerUnderTest runner;
    private RunnerClient client;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isWritable(DEV_SHM), "this machine has no /dev/shm to write to");
        shared = Files.createTempDirectory(DEV_SHM, "vantage-test-");
        start(Optional.of(new ServingOptions.SharedMemory(shared, false)), SharedMemory.in(shared));
    }

    private void start(Optional<ServingOptions.SharedMemory> allowed, SharedMemory wanted) throws Exception {
        runner = new RunnerUnderTest(folder, LaneLimits.all(new QueueLimits(100, 1)), 512L << 20, 1, allowed);
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, SIZE), Shape.of(SIZE), Shape.of(SIZE));
        client = RunnerClient.to("unix:" + runner.socket()).sharedMemory(wanted).connect();
    }

    private void startAgain(Optional<ServingOptions.SharedMemory> allowed, SharedMemory wanted) throws Exception {
        client.close();
        runner.close();
        start(allowed, wanted);
    }

    @AfterEach
    void stop() throws Exception {
        if (client != null) {
            client.close();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> runner.serving().inferences().inside() == 0);
            runner.close();
        }
        if (shared != null) {
            try (Stream<Path> left = Files.walk(shared)) {
                assertThat(left.sorted(Comparator.reverseOrder()))
                        .as("files left behind")
                        .containsExactly(shared);
            }
            Files.delete(shared);
        }
    }

    private static Tensor filled(float value) {
        float[] values = new float[SIZE];
        Arrays.fill(values, value);
        return Tensor.of("x", values, SIZE);
    }

    private void answers(float value) {
        try (Inference answer = client.model("doubler").infer(filled(value))) {
            assertThat(answer.output().shape()).containsExactly(SIZE);
            assertThat(IntStream.range(0, SIZE)
                            .allMatch(i -> answer.output().floats().get(i) == 2 * value))
                    .isTrue();
        }
    }

    private long registered() {
        return GRPCInferenceServiceGrpc.newBlockingStub(runner.channel())
                .systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.getDefaultInstance())
                .getRegionsCount();
    }

    private void assertUse(long used, long missed) {
        assertThat(client.sharedMemoryUse().used())
                .as(client.sharedMemoryUse().toString())
                .isEqualTo(used);
        assertThat(client.sharedMemoryUse().missed())
                .as(client.sharedMemoryUse().toString())
                .isEqualTo(missed);
    }

    @Test
    void inputsAndThenOutputsGoThroughOneRegion() throws Exception {
        for (int i = 1; i <= 5; i++) {
            answers(i);
        }

        assertUse(5, 0);
        assertThat(registered()).isOne();
        client.close();
        assertThat(registered()).isZero();
    }

    @Test
    void anAnswerKeepsItsMemoryUntilItIsClosed() {
        answers(1);
        Inference first = client.model("doubler").infer(filled(10));
        Inference second = client.model("doubler").infer(filled(20));

        assertThat(first.output().floats().get(SIZE - 1)).isEqualTo(20);
        assertThat(second.output().floats().get(0)).isEqualTo(40);
        first.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> first.output().floats())
                .withMessageContaining("Inference.close() has given back");
        assertThat(second.output().floats().get(0)).isEqualTo(40);
        second.close();
        second.close();
        assertUse(3, 0);
    }

    /** Nobody refers to the answer any more, but to a view of one of its tensors. */
    @Test
    void aViewKeepsItsMemoryAndWhatNobodyRefersToComesBack() throws Exception {
        answers(1);
        FloatBuffer view = client.model("doubler").infer(filled(7)).output().floats();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
            answers(i);
        }
        assertThat(view.get(0)).isEqualTo(14);
        assertThat(view.get(SIZE - 1)).isEqualTo(14);
        assertThat(registered()).isEqualTo(2);
        view = null;

        // Never closed: with room for a hundred of them at most, a thousand need the collector.
        for (int i = 0; i < 1000; i++) {
            assertThat(client.model("doubler")
                            .infer(filled(3))
                            .output()
                            .floats()
                            .get(5))
                    .isEqualTo(6);
            if (i % 50 == 0) {
                System.gc();
            }
        }
        assertThat(registered()).isLessThanOrEqualTo(256);
    }

    @Test
    void aRunnerThatForgotTheRegionIsToldAnother() {
        answers(1);
        answers(2);
        GRPCInferenceServiceGrpc.newBlockingStub(runner.channel())
                .systemSharedMemoryUnregister(SystemSharedMemoryUnregisterRequest.getDefaultInstance());

        answers(3);
        answers(4);

        assertUse(3, 1);
        assertThat(client.sharedMemoryUse().lastReason()).contains("a restart forgets them");
    }

    @Test
    void aRunnerThatSharesNoneIsAskedOnceAndAnswersAllTheSame() throws Exception {
        startAgain(Optional.empty(), SharedMemory.in(shared));

        answers(1);
        answers(2);

        assertUse(0, 2);
        assertThat(client.sharedMemoryUse().lastReason()).contains("shared memory is switched off on this runner");
    }

    @Test
    void aFolderThatIsNotTheRunnersIsNotAsked() throws Exception {
        startAgain(
                Optional.of(new ServingOptions.SharedMemory(shared, false)),
                SharedMemory.in(folder.resolve("nowhere")));

        answers(1);

        assertUse(0, 1);
        assertThat(client.sharedMemoryUse().lastReason()).contains("no file can be made");
    }

    @Test
    void whatIsMoreThanAllowedGoesThroughTheConnection() throws Exception {
        startAgain(
                Optional.of(new ServingOptions.SharedMemory(shared, false)),
                SharedMemory.in(shared).atMost(1 << 20));
        answers(1);
        Inference held = client.model("doubler").infer(filled(2));

        answers(3);
        held.close();
        answers(4);

        assertUse(3, 1);
        assertThat(client.sharedMemoryUse().lastReason()).contains("close answers, or allow more");
    }

    @Test
    void whatIsSmallIsNotWorthIt() throws Exception {
        runner.serve("small", "1.0.0", OnnxModels.scale(2, 3), Shape.of(3), Shape.of(3));

        for (int i = 0; i < 3; i++) {
            assertThat(client.model("small")
                            .infer(Tensor.of("x", new float[] {1, 2, 3}, 3))
                            .output()
                            .toFloats())
                    .containsExactly(2, 4, 6);
        }

        assertUse(0, 0);
    }

    @Test
    void anOutputThatOutgrowsItsPlaceComesThroughTheConnection() throws Exception {
        byte[] nonZero = new OnnxGraph()
                .input("x", SIZE)
                .typedOutput("y", OnnxGraph.INT64, 1, -1)
                .node("NonZero", List.of("x"), "y")
                .bytes();
        runner.serve("where", "1.0.0", nonZero, Shape.of(SIZE), Shape.of(1, -1));

        for (int count : new int[] {2, 2, 1000, 1000, 1, 0, 0, 0}) {
            float[] values = new float[SIZE];
            Arrays.fill(values, 0, count, 1);
            try (Inference answer = client.model("where").infer(Tensor.of("x", values, SIZE))) {
                assertThat(answer.output().toLongs()).hasSize(count);
                assertThat(answer.output().shape()).containsExactly(1, count);
            }
        }

        assertUse(7, 1);
    }

    /** The answer names all outputs of the version before; the new one has one more. */
    @Test
    void anotherVersionsOutputsAreAllThere() throws Exception {
        answers(1);
        answers(2);
        byte[] two = new OnnxGraph()
                .input("x", SIZE)
                .output("y", SIZE)
                .output("z", SIZE)
                .node("Identity", List.of("x"), "y")
                .node("Neg", List.of("x"), "z")
                .bytes();
        runner.serve("doubler", "2.0.0", two, Shape.of(SIZE), Shape.of(SIZE));

        try (Inference answer = client.model("doubler").infer(filled(3))) {
            assertThat(answer.version()).isEqualTo("2.0.0");
            assertThat(answer.outputs()).extracting(Tensor::name).containsExactly("y", "z");
            assertThat(answer.output("z").floats().get(0)).isEqualTo(-3);
        }
    }

    @Test
    void aDeadlineGivesTheMemoryUpThatTheRunnerMayStillWriteTo() throws Exception {
        runner.serveSlow(300, Duration.ofSeconds(2));
        Tensor picture = Tensor.of("x", new float[300 * 300], 300, 300);
        InferenceRequest hurried = InferenceRequest.of(picture).within(Duration.ofMillis(200));

        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> client.model("slow").infer(hurried))
                .extracting(RunnerException::kind)
                .isEqualTo(Kind.TOO_LATE);

        await().atMost(Duration.ofSeconds(20)).until(() -> registered() == 0);
        answers(1);
    }

    @Test
    void cancellingStopsTheRunAndAsksNoMore() throws Exception {
        runner.serveSlow(300, Duration.ofSeconds(3));
        CompletableFuture<Inference> answer =
                client.model("slow").inferAsync(Tensor.of("x", new float[300 * 300], 300, 300));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() == 1);

        answer.cancel(true);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() == 0);
        assertUse(0, 0);
    }

    @Test
    void whatIsWrongIsToldInTheRunnersWords() {
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> client.model("doubler").infer(Tensor.of("x", new double[SIZE], SIZE)))
                .withMessageContaining("input x must be FP32, got FP64")
                .extracting(RunnerException::kind)
                .isEqualTo(Kind.INVALID);
    }
}
