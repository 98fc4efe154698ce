package health.vantage.models.runner.samples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Real models in the user's cache, put there by {@code hack/fetch-models}; never part of the sources. */
public final class RealModels {
    /** Text detection, a segmentation: {@code x[N,3,H,W] -> sigmoid_0.tmp_0[N,1,H,W]}, H and W multiples of 32. */
    public static final String DET = "pp-ocr-det.onnx";

    /** Text orientation: {@code x[N,3,48,192] -> softmax_0.tmp_0[N,2]}. */
    public static final String CLS = "pp-ocr-cls.onnx";

    /** The name of the detector's output. */
    public static final String DET_OUTPUT = "sigmoid_0.tmp_0";

    private RealModels() {}

    /** The folder that {@code hack/fetch-models} fills. */
    public static Path folder() {
        String cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(value -> !value.isBlank())
                .orElse(System.getProperty("user.home") + "/.cache");
        return Path.of(cache, "vantage", "models");
    }

    /** The file, or a skipped test that says what is missing. */
    public static Path require(String name) {
        Path file = folder().resolve(name);
        Assumptions.assumeTrue(Files.isRegularFile(file), () -> file + " is missing; run hack/fetch-models");
        return file;
    }
}
