package health.vantage.models.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.serve.InferenceCall.Given;
import health.vantage.models.runner.serve.InferenceCall.OutputChoice;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A request that holds a version last, as its slot has swapped meanwhile. */
@Timeout(60)
final class LastHolderTest {
    private static final Shape ONE = Shape.of(1);

    @TempDir
    Path folder;

    @Test
    void theThreadThatBringsARequestNeverWaitsForAModelToBeFreed() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            SlowToClose model = new SlowToClose();
            ServedVersion old = new ServedVersion(
                    Digest.of("old".getBytes(StandardCharsets.UTF_8)),
                    new ModelContract("slow", "1", "onnx", "fp32", ONE, ONE, 1),
                    model);
            ModelSlot slot = runner.serving().table().slot("slow");
            slot.activate(old);
            CompletableFuture<Refusal> refused = new CompletableFuture<>();
            InferenceCall call = new InferenceCall(
                    "slow",
                    List.of(new Given(
                            Optional.empty(), Optional.empty(), Optional.empty(), new SwappedMeanwhile(slot))),
                    List.of(),
                    OutputChoice.FIRST,
                    new Cancellation());

            runner.serving().inferences().submit(call, new Inferences.Receiver() {
                @Override
                public void answer(Answer answer) {
                    answer.close();
                    refused.completeExceptionally(new AssertionError("it was answered"));
                }

                @Override
                public void refuse(Refusal refusal) {
                    refused.complete(refusal);
                }
            });

            assertThat(refused.get().kind()).isEqualTo(Refusal.Kind.INVALID);
            assertThat(runner.serving().inferences().inside())
                    .as("a stop waits until it is freed")
                    .isOne();
            model.mayClose.countDown();
            assertThat(old.awaitClosed(Duration.ofSeconds(30))).isTrue();
            assertThat(runner.serving().inferences().awaitIdle(Duration.ofSeconds(30)))
                    .isTrue();
        }
    }

    /** An input during whose check the version is swapped out, and that turns out to be bad. */
    private record SwappedMeanwhile(ModelSlot slot) implements Payload {
        @Override
        public int size() {
            return Float.BYTES;
        }

        @Override
        public TensorBuffer take(TensorPool pool) {
            slot.deactivate("it was swapped out");
            throw new Refusal(Refusal.Kind.INVALID, "bad after all");
        }

        @Override
        public void close() {}
    }

    /** Frees itself when it is let. */
    private static final class SlowToClose implements LoadedModel {
        private final CountDownLatch mayClose = new CountDownLatch(1);

        @Override
        public List<TensorSpec> inputs() {
            return List.of(new TensorSpec("x", DataType.FP32, ONE));
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(new TensorSpec("y", DataType.FP32, ONE));
        }

        @Override
        public String device() {
            return "cpu";
        }

        @Override
        public List<Tensor> run(
                List<Tensor> inputs, List<String> outputs, OutputMemory memory, Cancellation cancellation) {
            throw new UnsupportedOperationException("no request gets here");
        }

        @Override
        public void close() {
            try {
                mayClose.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
