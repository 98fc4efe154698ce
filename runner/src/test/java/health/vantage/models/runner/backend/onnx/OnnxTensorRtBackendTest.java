package health.vantage.models.runner.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.runner.backend.Availability.Unavailable;
import health.vantage.models.runner.backend.LoadOptions;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be told without a GPU: why it is unavailable, and what ONNX Runtime would be told. */
final class OnnxTensorRtBackendTest {
    @TempDir
    Path folder;

    @Test
    void itIsOffUntilSomebodyAsksForIt() {
        assertThat(new OnnxTensorRtBackend(false).probe())
                .isInstanceOfSatisfying(
                        Unavailable.class, why -> assertThat(why.reason()).contains("VANTAGE_ONNX_TENSORRT=true"));
    }

    @Test
    void aBuildWithoutTheProviderSaysHowToBuildWithIt() {
        // Where the build has it, this machine has no driver for it.
        assertThat(new OnnxTensorRtBackend(true).probe())
                .isInstanceOfSatisfying(Unavailable.class, why -> assertThat(why.reason())
                        .containsAnyOf("no TensorRT provider; build with -Ponnx-gpu", "libcuda.so.1 not found"));
    }

    @Test
    void thePrecisionOfTheMetadataDecidesWhatTensorRtMayUse() throws Exception {
        LoadOptions nothingKept = new LoadOptions(1);
        assertThat(OnnxTensorRtBackend.settings("fp32", nothingKept)).isEmpty();
        assertThat(OnnxTensorRtBackend.settings("fp16", nothingKept)).containsOnlyKeys("trt_fp16_enable");
        assertThat(OnnxTensorRtBackend.settings("int8", nothingKept))
                .containsOnlyKeys("trt_fp16_enable", "trt_int8_enable");
    }

    @Test
    void whatIsBuiltIsKeptInAFolderOfTheModel() throws Exception {
        LoadOptions options = new LoadOptions(1, Optional.of(folder), 0, () -> false).forModel("abc");

        assertThat(OnnxTensorRtBackend.settings("fp32", options))
                .containsEntry("trt_engine_cache_enable", "1")
                .containsEntry("trt_engine_cache_path", folder.resolve("abc").toString());
        assertThat(folder.resolve("abc")).isDirectory();
    }
}
