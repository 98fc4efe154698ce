package health.vantage.models.runner.load;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.Tensor;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Outputs whose size is in the values, as of detectors: inputs of one shape give outputs of many. */
final class ValueDependentShapesTest {
    private static final int SIZE = 64;

    @TempDir
    Path folder;

    /** Each operator has its own way to ask ONNX Runtime for memory; all give as many elements as the input has ones. */
    private enum Operator {
        NON_ZERO,
        EXPAND,
        COMPRESS,
        TOP_K;

        byte[] model() {
            OnnxGraph graph = new OnnxGraph().input("x", SIZE);
            return switch (this) {
                case NON_ZERO ->
                    graph.typedOutput("y", OnnxGraph.INT64, 1, -1)
                            .node("NonZero", List.of("x"), "y")
                            .bytes();
                case COMPRESS ->
                    graph.output("y", -1)
                            .cast("x", OnnxGraph.BOOL, "which")
                            .node("Compress", List.of("x", "which"), "y")
                            .bytes();
                case EXPAND ->
                    counted(graph)
                            .constant("one", new float[] {1}, 1)
                            .node("Expand", List.of("one", "count"), "y")
                            .bytes();
                case TOP_K ->
                    counted(graph)
                            .twoOutputs("TopK", "x", "count", "y", "unused")
                            .bytes();
            };
        }

        Shape output() {
            return this == NON_ZERO ? Shape.of(1, -1) : Shape.of(-1);
        }

        private static OnnxGraph counted(OnnxGraph graph) {
            return graph.output("y", -1).reduceSum("x", "sum").cast("sum", OnnxGraph.INT64, "count");
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneShapeInAndManyOut(Operator operator) throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder);
                RunnerClient client = RunnerClient.connect("unix:" + runner.socket())) {
            ModelSlot slot = runner.serve("found", "1.0.0", operator.model(), Shape.of(SIZE), operator.output());

            for (int count : new int[] {1, 1, 17, SIZE, 3, 0, 5}) {
                float[] values = new float[SIZE];
                Arrays.fill(values, 0, count, 1);
                Tensor found = client.model("found")
                        .infer(Tensor.of("x", values, SIZE))
                        .output("y");
                assertThat(found.shape()[found.shape().length - 1]).isEqualTo(count);
            }

            assertThat(slot.active().orElseThrow().counters().read().errors()).isZero();
        }
    }
}
