package health.vantage.models.runner.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.backend.CudaDriver;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TensorRtBackendTest {
    @Test
    void withoutADriverItSaysSoAndTheProcessLives() {
        assumeTrue(CudaDriver.system().missing().isPresent(), "this machine has an NVIDIA driver");

        assertThat(new TensorRtBackend().probe())
                .isInstanceOfSatisfying(Availability.Unavailable.class, why -> assertThat(why.reason())
                        .startsWith("TensorRT backend unavailable: libcuda.so.1 not found"));
        assertThatExceptionOfType(BackendException.class)
                .isThrownBy(() -> new Backends(List.of(new TensorRtBackend())).forFormat("tensorrt"))
                .withMessageContaining("TensorRT backend unavailable: libcuda.so.1 not found");
    }
}
