package health.vantage.models.runner.model;

import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * What an artifact's metadata promises about the model inside it, as far as serving depends on it.
 *
 * @param name the model's own name, which need not be the name it is served under
 * @param format such as {@code onnx}
 * @param precision of the weights; the tensors' own types are the loaded model's
 * @param input the shape of the first input, possibly with open dimensions
 * @param output the shape of the first output, possibly with open dimensions
 * @param memoryMiB what it declares to need on its device
 * @param minTensorRt the least TensorRT version; empty where the metadata names none
 * @param targets devices or tiers it was built for
 */
public record ModelContract(
        String name,
        String version,
        String format,
        String precision,
        Shape input,
        Shape output,
        long memoryMiB,
        Optional<String> minTensorRt,
        List<String> targets) {
    /** Without a TensorRT version. */
    public ModelContract(
            String name, String version, String format, String precision, Shape input, Shape output, long memoryMiB) {
        this(name, version, format, precision, input, output, memoryMiB, Optional.empty(), List.of());
    }

    /** What a backend needs to know. */
    public Declared declared() {
        return new Declared(name, version, format, precision, memoryMiB, minTensorRt, targets);
    }

    public static ModelContract of(ModelMetadata metadata) {
        ModelMetadata.Model model = metadata.model();
        return new ModelContract(
                metadata.name(),
                metadata.version(),
                model.format().jsonName(),
                model.precision().jsonName(),
                Shape.of(model.inputShape()),
                Shape.of(model.outputShape()),
                model.vramMiB(),
                metadata.deployment().minTensorRt(),
                metadata.deployment().targets());
    }

    /**
     * Compares the promise with the loaded model.
     *
     * @return a sentence that names the tensor, what the metadata says and what the model has; empty when they agree
     */
    public Optional<String> breach(List<TensorSpec> inputs, List<TensorSpec> outputs) {
        return breach("input", input, inputs).or(() -> breach("output", output, outputs));
    }

    private static Optional<String> breach(String kind, Shape promised, List<TensorSpec> declared) {
        if (declared.isEmpty()) {
            return Optional.of("the model has no " + kind);
        }
        TensorSpec first = declared.getFirst();
        return first.shape().agreesWith(promised)
                ? Optional.empty()
                : Optional.of("the metadata's model." + kind + "Shape is " + promised + ", the model's " + kind + " "
                        + first.name() + " is " + first.shape());
    }
}
