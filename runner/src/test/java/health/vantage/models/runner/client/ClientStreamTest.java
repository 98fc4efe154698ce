package health.vantage.models.runner.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.client.Inference;
import health.vantage.models.client.InferenceRequest;
import health.vantage.models.client.InferenceStream;
import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.RunnerException;
import health.vantage.models.client.RunnerException.Kind;
import health.vantage.models.client.Tensor;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams and texts of the Java client, with a real runner. */
@Timeout(120)
final class ClientStreamTest {
    @TempDir
    Path folder;

    private RunnerUnderTest runner;
    private RunnerClient client;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1), Shape.of(1), Shape.of(1));
        client = RunnerClient.connect("unix:" + runner.socket());
    }

    @AfterEach
    void stop() {
        client.close();
        runner.close();
    }

    private static Tensor one(float value) {
        return Tensor.of("x", new float[] {value}, 1);
    }

    @Test
    void manyRequestsAreAnsweredInTheirOrder() throws Exception {
        List<CompletableFuture<Inference>> answers = new ArrayList<>();
        try (InferenceStream stream = client.model("doubler").stream()) {
            for (int i = 0; i < 500; i++) {
                answers.add(stream.send(InferenceRequest.of(one(i)).id("frame-" + i)));
            }
            stream.finish();

            for (int i = 0; i < 500; i++) {
                assertThat(answers.get(i)).isCompleted();
                assertThat(answers.get(i).get().id()).isEqualTo("frame-" + i);
                assertThat(answers.get(i).get().output().toFloats()).containsExactly(2 * i);
            }
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> stream.send(one(1)))
                    .withMessageContaining("the stream was finished");
        }
    }

    @Test
    void aRequestThatIsRefusedDoesNotEndTheStream() throws Exception {
        try (InferenceStream stream = client.model("doubler").stream()) {
            CompletableFuture<Inference> good = stream.send(one(1));
            CompletableFuture<Inference> bad = stream.send(Tensor.of("x", new long[] {1}, 1));
            CompletableFuture<Inference> after = stream.send(one(3));

            assertThat(good.get().output().toFloats()).containsExactly(2);
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(bad::get)
                    .havingCause()
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
                    .withMessageContaining("input x must be FP32, got INT64");
            assertThat(after.get().output().toFloats()).containsExactly(6);
        }
    }

    @Test
    void oneThatTakesTooLongIsGivenUpAndTheNextStillGetsItsOwnAnswer() throws Exception {
        runner.serveSlow(300, Duration.ofSeconds(1));
        Tensor picture = Tensor.of("x", new float[300 * 300], 300, 300);
        try (InferenceStream stream = client.model("slow").stream()) {
            CompletableFuture<Inference> late =
                    stream.send(InferenceRequest.of(picture).id("a").within(Duration.ofMillis(100)));
            CompletableFuture<Inference> patient =
                    stream.send(InferenceRequest.of(picture).id("b"));

            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(late::get)
                    .havingCause()
                    .isInstanceOfSatisfying(
                            RunnerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LATE));
            assertThat(patient.get().id()).isEqualTo("b");
        }
    }

    @Test
    void closingDropsWhatIsNotAnsweredAndStopsItOnTheRunner() throws Exception {
        runner.serveSlow(300, Duration.ofSeconds(3));
        InferenceStream stream = client.model("slow").stream();
        CompletableFuture<Inference> answer = stream.send(Tensor.of("x", new float[300 * 300], 300, 300));
        await().until(() -> runner.serving().inferences().inside() == 1);

        stream.close();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(answer::get)
                .havingCause()
                .withMessageContaining("the stream was closed");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() == 0);
        stream.close();
    }

    @Test
    void aRunnerThatGoesFailsWhatWaitsAndWhoSends() throws Exception {
        runner.serveSlow(300, Duration.ofSeconds(4));
        Tensor picture = Tensor.of("x", new float[300 * 300], 300, 300);
        InferenceStream stream = client.model("slow").stream();
        CompletableFuture<Inference> answer = stream.send(picture);
        await().until(() -> runner.serving().inferences().inside() == 1);
        CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 20; i++) {
                stream.send(picture);
            }
        });

        runner.serving().stop(Duration.ZERO);

        for (CompletableFuture<?> future : List.of(answer, sender)) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(future::get)
                    .havingCause()
                    .isInstanceOf(RunnerException.class);
        }
    }

    @Test
    void textsGoInAndComeOut() throws Exception {
        byte[] model = new OnnxGraph()
                .typedInput("x", OnnxGraph.STRING, 2, 2)
                .typedOutput("y", OnnxGraph.STRING, 2, 2)
                .node("Identity", List.of("x"), "y")
                .bytes();
        runner.serve("text", "1.0.0", model, Shape.of(2, 2), Shape.of(2, 2));
        String[] texts = {"", "Netzhaut", "網膜", "\t\n"};

        Inference answer = client.model("text").infer(Tensor.of("x", texts, 2, 2));

        assertThat(answer.output().toStrings()).containsExactly(texts);
        assertThat(answer.output().shape()).containsExactly(2, 2);
    }
}
