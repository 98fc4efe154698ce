package health.vantage.models.runner.backend;

import java.util.List;
import java.util.Optional;

/**
 * What the artifact's metadata says of the model, as far as it matters for loading.
 *
 * @param precision of the weights, such as {@code fp16}
 * @param memoryMiB on its device
 * @param minTensorRt the least TensorRT version; empty where the metadata names none
 * @param targets devices or tiers it was built for; such as {@code sm_86} name a GPU architecture
 */
public record Declared(
        String name,
        String version,
        String format,
        String precision,
        long memoryMiB,
        Optional<String> minTensorRt,
        List<String> targets) {
    /** Without targets. */
    public Declared(
            String name,
            String version,
            String format,
            String precision,
            long memoryMiB,
            Optional<String> minTensorRt) {
        this(name, version, format, precision, memoryMiB, minTensorRt, List.of());
    }
}
