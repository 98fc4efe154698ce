package health.vantage.models.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.runner.onnx.OnnxModels;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

final class SampleModelTest {
    @Test
    void theBytesInTheJarAreWhatOurGeneratorWrites() throws IOException {
        try (InputStream packaged = SampleModel.class.getResourceAsStream("selfcheck.onnx")) {
            assertThat(packaged.readAllBytes()).isEqualTo(OnnxModels.identity(4));
        }
    }
}
