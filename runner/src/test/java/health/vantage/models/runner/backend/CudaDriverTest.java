package health.vantage.models.runner.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CudaDriverTest {
    @Test
    void aMachineWithoutADriverIsToldWhichLibraryIsMissing() {
        assertThat(new CudaDriver("libcuda-not-here.so.1").missing()).hasValueSatisfying(reason -> assertThat(reason)
                .startsWith("libcuda-not-here.so.1 not found")
                .contains("docker --gpus"));
    }

    @Test
    void aLibraryThatIsNoDriverIsNotCalled() {
        assertThat(new CudaDriver("libc.so.6").missing())
                .contains("libc.so.6 has no cuInit or cuDeviceGetCount: it is not NVIDIA's driver");
    }
}
