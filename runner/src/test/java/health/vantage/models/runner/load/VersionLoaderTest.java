package health.vantage.models.runner.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.ModelFolder;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorPool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VersionLoaderTest {
    private static final Shape FOUR = Shape.of(4);
    private static final long[] DIMS = {4};

    @TempDir
    Path folder;

    private final TensorPool pool = new TensorPool(1 << 20);
    private final VersionLoader loader = new VersionLoader(Backends.discover(), new LoadOptions(1), pool);

    @Test
    void aModelThatKeepsItsPromisesIsLoaded() throws Exception {
        ModelFolder.write(folder, OnnxModels.scale(2, 4))
                .golden("x", DIMS, Floats.bytes(1, 2, 3, 4), "y", DIMS, Floats.bytes(2, 4, 6, 8));

        ServedVersion version = load("onnx", FOUR, FOUR);

        assertThat(version.model().inputs()).singleElement().hasToString("x FP32[4]");
        version.release();
        assertThat(pool.lentBytes()).isZero();
    }

    @Test
    void inputsThatShareOpenDimensionsAreWarmedUpWithTheSame() throws Exception {
        ModelFolder.write(folder, OnnxModels.dotProduct());

        load("onnx", Shape.of(1, 128), Shape.of(1, 1)).release();
    }

    @Test
    void aWrongAnswerToTheGoldenSampleIsNamedByOutputElementAndValues() {
        ModelFolder.write(folder, OnnxModels.scale(2, 4))
                .golden("x", DIMS, Floats.bytes(1, 2, 3, 4), "y", DIMS, Floats.bytes(2, 4, 7, 8));

        assertFails("onnx", FOUR, FOUR)
                .withMessageContaining("output y differs in 1 of 4 elements; at element 2 expected 7.0, got 6.0");
    }

    @Test
    void notANumberIsNeverTheGoldenAnswer() {
        ModelFolder.write(folder, OnnxModels.nan(4))
                .golden("x", DIMS, Floats.bytes(1, 2, 3, 4), "y", DIMS, Floats.bytes(1, 2, 3, 4));

        assertFails("onnx", FOUR, FOUR).withMessageContaining("4 of 4 elements").withMessageContaining("got NaN");
    }

    @Test
    void aFileThatIsNoModelIsRefused() {
        ModelFolder.write(folder, "<html>404</html>".getBytes(StandardCharsets.UTF_8));

        assertFails("onnx", FOUR, FOUR).withMessageContaining("ONNX Runtime cannot load model.onnx");
    }

    @Test
    void shapesThatContradictTheMetadataAreNamed() {
        ModelFolder.write(folder, OnnxModels.identity(4));

        assertFails("onnx", Shape.of(1, 4), FOUR)
                .withMessageContaining("model.inputShape is [1,4], the model's input x is [4]");
        assertFails("onnx", FOUR, Shape.of(5))
                .withMessageContaining("model.outputShape is [5], the model's output y is [4]");
    }

    @Test
    void aFormatThatNothingHereRunsIsNamedWithWhatDoes() {
        ModelFolder.write(folder, OnnxModels.identity(4));

        assertFails("openvino", FOUR, FOUR)
                .withMessageContaining("no backend of this runner loads format \"openvino\"");
    }

    @Test
    void aGoldenSampleThatPointsOutsideItsFolderIsRefused() throws Exception {
        ModelFolder.write(folder, OnnxModels.identity(4))
                .golden("x", DIMS, Floats.bytes(1, 2, 3, 4), "y", DIMS, Floats.bytes(1, 2, 3, 4));
        Path sample = folder.resolve("models/golden/sample.json");
        Files.writeString(sample, Files.readString(sample).replace("x.bin", "../../../x.bin"));

        assertFails("onnx", FOUR, FOUR).withMessageContaining("lies outside models/golden/");
    }

    private ServedVersion load(String format, Shape in, Shape out) throws LoadFailure {
        return loader.load(
                Digest.of(new byte[0]), new ModelContract("test", "1.0.0", format, "fp32", in, out, 1), folder);
    }

    private org.assertj.core.api.ThrowableAssertAlternative<LoadFailure> assertFails(
            String format, Shape in, Shape out) {
        var failure = assertThatExceptionOfType(LoadFailure.class).isThrownBy(() -> load(format, in, out));
        assertThat(pool.lentBytes()).isZero();
        return failure;
    }
}
