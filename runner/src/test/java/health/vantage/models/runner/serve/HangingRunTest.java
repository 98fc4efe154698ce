package health.vantage.models.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.artifact.Digest;
import health.vantage.models.client.Inference;
import health.vantage.models.client.InferenceRequest;
import health.vantage.models.client.RetryPolicy;
import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.RunnerException;
import health.vantage.models.client.Tensor;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.ScriptedBackend;
import health.vantage.models.runner.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model whose runs hang in native code, where nothing can end them. */
@Timeout(300)
final class HangingRunTest {
    private static final Shape FOUR = Shape.of(4);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void itCountsAsFailedHoldsUpNobodyElseAndASwapHelps() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder, new QueueLimits(8, 1), 64 << 20);
                RunnerClient client = RunnerClient.to("unix:" + runner.socket())
                        .retries(RetryPolicy.none())
                        .deadline(LONG)
                        .connect()) {
            runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 4), FOUR, FOUR);
            ModelSlot slot = runner.serving().table().slot("hangs");
            ServedVersion bad = scripted(runner, "2.0.0", "hang-in-run");
            slot.activate(bad);

            for (int hanging = 1; hanging <= 3; hanging++) {
                int expected = hanging;
                CompletableFuture<Inference> asked = client.model("hangs").inferAsync(input(1));
                // It runs: those that hang are inside for good, and none waits in line.
                await().atMost(LONG)
                        .until(() -> runner.serving().inferences().inside() == expected
                                && runner.serving()
                                                .table()
                                                .find("hangs")
                                                .orElseThrow()
                                                .waiting()
                                        == 0);
                asked.cancel(true);
                assertThat(ask(client, "doubler", 1, LONG).output().toFloats()).containsOnly(2);
                await().atMost(LONG).until(() -> bad.counters().read().errors() == expected);
                if (hanging < 3) {
                    assertThat(ask(client, "hangs", 0, LONG).version())
                            .as("another thread has taken its place")
                            .isEqualTo("2.0.0");
                }
            }
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> ask(client, "hangs", 0, LONG))
                    .withMessageContaining("3 runs of it hang and cannot be stopped");
            assertThat(bad.counters().read().errors()).isEqualTo(4);

            slot.activate(scripted(runner, "1.0.0", "answer"));

            assertThat(ask(client, "hangs", 1, LONG).version()).isEqualTo("1.0.0");

            // Whoever ends late after all frees what it held.
            ScriptedBackend.letGo();
            await().atMost(LONG).until(() -> bad.hanging() == 0);
            assertThat(bad.awaitClosed(LONG)).isTrue();
            assertThat(ask(client, "hangs", 1, LONG).version()).isEqualTo("1.0.0");
        }
    }

    private static Inference ask(RunnerClient client, String model, float value, Duration atMost) {
        return client.model(model).infer(InferenceRequest.of(input(value)).within(atMost));
    }

    private static Tensor input(float value) {
        return Tensor.of("x", new float[] {value, value, value, value}, 4);
    }

    private ServedVersion scripted(RunnerUnderTest runner, String version, String word) throws Exception {
        Path root = folder.resolve(word);
        Files.createDirectories(root.resolve("models"));
        Files.writeString(root.resolve("models/model.gguf"), word);
        return runner.serving()
                .loader()
                .load(
                        Digest.of(word.getBytes(StandardCharsets.UTF_8)),
                        new ModelContract("scripted", version, "gguf", "fp32", FOUR, FOUR, 1),
                        root);
    }
}
