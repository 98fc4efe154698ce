package health.vantage.models.runner.backend;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.runner.backend.Availability.Available;
import health.vantage.models.runner.backend.Availability.Unavailable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class BackendsTest {
    private final Backends backends = Backends.discover();

    /** A GPU build on a GPU prefers CUDA; the default build says why it cannot, and runs on the CPU. */
    @Test
    void onnxRunsOnTheFirstBackendThatCanAndTheOthersSayWhyNot() throws BackendException {
        Map<String, Availability> probed = backends.probed().entrySet().stream()
                .collect(Collectors.toMap(one -> one.getKey().name(), Map.Entry::getValue));

        assertThat(probed.get("onnxruntime-cpu")).isInstanceOf(Available.class);
        switch (probed.get("onnxruntime-cuda")) {
            case Available _ -> assertThat(backends.forFormat("onnx").name()).isEqualTo("onnxruntime-cuda");
            case Unavailable(String reason) -> {
                assertThat(reason).containsAnyOf("built without it", "libcuda.so.1", "the driver", "libraries");
                assertThat(backends.forFormat("onnx").name()).isEqualTo("onnxruntime-cpu");
            }
        }
    }

    @Test
    void backendsAreListedInOrderOfPreference() {
        List<String> names =
                backends.probed().keySet().stream().map(Backend::name).toList();

        assertThat(names).containsSubsequence("onnxruntime-cuda", "onnxruntime-cpu");
    }
}
