package health.vantage.models.runner.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.ModelFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanCheckTest {
    private static final PlanCheck HERE = new PlanCheck("10.12.0", "8.6");

    @TempDir
    Path folder;

    @Test
    void aPlanOfThisReleaseAndThisArchitectureMayBeLoaded() {
        assertThatCode(() -> HERE.check(Plans.builtBy(folder, 10, 12, "10.3", "rtx", "sm_86")))
                .doesNotThrowAnyException();
        assertThatCode(() -> HERE.check(Plans.builtBy(folder, 10, 12, null, "rtx")))
                .doesNotThrowAnyException();
    }

    @Test
    void aPlanOfAnotherReleaseIsRefusedWithBothVersions() throws Exception {
        refused(Plans.builtBy(folder, 10, 6, null), "built by TensorRT 10.6.0.36", "this runner has 10.12.0");
    }

    @Test
    void aModelThatNeedsANewerTensorRtIsRefused() throws Exception {
        refused(Plans.builtBy(folder, 10, 12, "10.13"), "minTensorRTVersion is 10.13", "TensorRT 10.12.0");
    }

    @Test
    void aPlanForAnotherArchitectureIsRefusedWithBoth() throws Exception {
        refused(Plans.builtBy(folder, 10, 12, null, "sm_87", "sm_120"), "8.7, 12.0", "this one has 8.6");
    }

    @Test
    void aFileThatIsNoPlanIsRefusedBeforeTensorRtSeesIt() throws Exception {
        refused(Plans.files(folder, new byte[] {1, 2, 3}, null), "model.plan is no TensorRT engine");
        refused(
                Plans.files(folder, "an ONNX model, perhaps, of some length".getBytes(), null),
                "is no TensorRT engine");
    }

    private static void refused(ModelFiles files, String... words) {
        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> HERE.check(files))
                .satisfies(e -> org.assertj.core.api.Assertions.assertThat(e.getMessage())
                        .contains(words));
    }
}
