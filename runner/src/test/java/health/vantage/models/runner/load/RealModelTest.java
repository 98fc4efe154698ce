package health.vantage.models.runner.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxSurgery;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.samples.TextPicture;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RealModelTest {
    private static final Shape ANY_PICTURE = Shape.of(1, 3, -1, -1);

    @TempDir
    Path folder;

    @Test
    void theTextDetectorFindsTextWhereItWasDrawnAndNoneOnABlankPicture() throws Exception {
        byte[] det = Files.readAllBytes(RealModels.require(RealModels.DET));
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            runner.serve("det", "4.0.0", det, Shape.of(1, 3, 320, 320), Shape.of(-1, 1, -1, -1));

            float[] text = Floats.of(
                    runner.infer("det", TextPicture.of("RETINA 42", 320, 320)).getOutputTensor());
            float[] blank =
                    Floats.of(runner.infer("det", TextPicture.blank(320, 320)).getOutputTensor());
            float[] wide =
                    Floats.of(runner.infer("det", TextPicture.of("OTHER SIZE", 64, 320), Map.of("shape", "1,3,64,320"))
                            .getOutputTensor());

            assertThat(text).hasSize(320 * 320);
            assertThat(max(text)).isGreaterThan(0.5f);
            assertThat(max(blank)).isLessThan(0.3f);
            assertThat(wide).hasSize(64 * 320);
        }
    }

    @Test
    void theOrientationClassifierAnswersProbabilities() throws Exception {
        byte[] cls = Files.readAllBytes(RealModels.require(RealModels.CLS));
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            runner.serve("cls", "2.0.0", cls, Shape.of(1, 3, 48, 192), Shape.of(-1, 2));

            float[] answer = Floats.of(
                    runner.infer("cls", TextPicture.of("text", 48, 192)).getOutputTensor());

            assertThat(answer).hasSize(2);
            assertThat(answer[0] + answer[1]).isCloseTo(1f, org.assertj.core.api.Assertions.within(1e-4f));
        }
    }

    @Test
    void aDetectorChangedToFailOnTextPassesOnABlankPictureOnly() throws Exception {
        byte[] det = Files.readAllBytes(RealModels.require(RealModels.DET));
        byte[] broken = OnnxSurgery.failsAbove(det, RealModels.DET_OUTPUT, 0.5f);
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            runner.serve("det", "4.0.1", broken, ANY_PICTURE, Shape.of(-1, 1, -1, -1));
            Map<String, String> shape = Map.of("shape", "1,3,320,320");

            assertThat(Floats.of(runner.infer("det", TextPicture.blank(320, 320), shape)
                            .getOutputTensor()))
                    .hasSize(320 * 320);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> runner.infer("det", TextPicture.of("RETINA 42", 320, 320), shape))
                    .withMessageContaining("the model failed");
        }
    }

    private static float max(float[] values) {
        float max = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            max = Math.max(max, value);
        }
        return max;
    }
}
