package health.vantage.models.runner.preflight;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.store.StoredModel;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the child is told on its standard input, as JSON. */
record PreflightRequest(
        String digest,
        String folder,
        String name,
        String version,
        String format,
        String precision,
        List<Long> input,
        List<Long> output,
        long memoryMiB,
        String minTensorRt,
        List<String> targets,
        String builtEngines,
        int threads,
        int device) {
    static PreflightRequest of(StoredModel model, LoadOptions options) {
        ModelContract contract = model.contract();
        return new PreflightRequest(
                model.digest().toString(),
                model.folder().toString(),
                contract.name(),
                contract.version(),
                contract.format(),
                contract.precision(),
                list(contract.input()),
                list(contract.output()),
                contract.memoryMiB(),
                contract.minTensorRt().orElse(null),
                contract.targets(),
                options.builtEngines().map(Path::toString).orElse(null),
                options.threads(),
                options.device());
    }

    StoredModel model() {
        return new StoredModel(
                Digest.parse(digest),
                new ModelContract(
                        name,
                        version,
                        format,
                        precision,
                        Shape.of(input),
                        Shape.of(output),
                        memoryMiB,
                        Optional.ofNullable(minTensorRt),
                        targets),
                Path.of(folder));
    }

    LoadOptions options() {
        return new LoadOptions(threads, Optional.ofNullable(builtEngines).map(Path::of), device, () -> false);
    }

    private static List<Long> list(Shape shape) {
        return Arrays.stream(shape.toArray()).boxed().toList();
    }
}
