package health.vantage.models.runner.preflight;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.store.StoredModel;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

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
        int threads) {
    static PreflightRequest of(StoredModel model, int threads) {
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
                threads);
    }

    StoredModel model() {
        return new StoredModel(
                Digest.parse(digest),
                new ModelContract(name, version, format, precision, Shape.of(input), Shape.of(output), memoryMiB),
                Path.of(folder));
    }

    private static List<Long> list(Shape shape) {
        return Arrays.stream(shape.toArray()).boxed().toList();
    }
}
