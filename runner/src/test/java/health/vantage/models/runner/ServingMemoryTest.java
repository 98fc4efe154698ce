package health.vantage.models.runner;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.runner.model.ModelMemory;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model that takes more while it serves than when it was loaded. */
final class ServingMemoryTest {
    private static final Shape ONE = Shape.of(1);
    private static final float ELEMENTS = 40 << 20;

    @TempDir
    Path folder;

    @Test
    void whatARequestMadeAModelTakeIsSeenWhereItIsMoreThanDeclared() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            ServedVersion version = runner.serve("hungry", "1.0.0", OnnxModels.memoryByRequest(), ONE, ONE)
                    .active()
                    .orElseThrow();
            runner.serve("modest", "1.0.0", OnnxModels.scale(1, 1), ONE, ONE);
            assertThat(version.memory().excess()).isEmpty();
            runner.infer("hungry", Floats.bytes(1));
            runner.serving().memoryWatch().look();

            runner.infer("hungry", Floats.bytes(ELEMENTS));
            runner.serving().memoryWatch().look();

            ModelMemory memory = version.memory();
            assertThat(memory.measuredMiB().orElseThrow()).isBetween(160L, 600L);
            assertThat(memory.excess().orElseThrow()).contains("declares 64");
            assertThat(runner.serving()
                            .table()
                            .slot("modest")
                            .active()
                            .orElseThrow()
                            .memory()
                            .excess())
                    .isEmpty();
            assertThat(runner.serving().metrics())
                    .contains("vantage_model_memory_bytes{kind=\"measured\",model=\"hungry\"} "
                            + (double) (memory.measuredMiB().orElseThrow() << 20));
        }
    }

    /** Answers that go through gRPC, the heap and the pool of tensors are memory of the runner, not of the model. */
    @Test
    void largeRequestsAndAnswersAreNotTheModels() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            Shape large = Shape.of(8 << 20);
            ServedVersion version = runner.serve("echo", "1.0.0", OnnxModels.identity(8 << 20), large, large)
                    .active()
                    .orElseThrow();
            runner.serving().memoryWatch().look();

            for (int i = 0; i < 10; i++) {
                runner.infer("echo", Floats.bytes(new float[8 << 20]));
                runner.serving().memoryWatch().look();
            }

            assertThat(version.memory().excess()).isEmpty();
        }
    }
}
