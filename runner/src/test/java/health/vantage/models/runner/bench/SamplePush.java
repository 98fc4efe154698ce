package health.vantage.models.runner.bench;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.SampleRepository;
import java.nio.file.Path;

/** Packs a small model into an OCI layout folder and prints its reference. */
public final class SamplePush {
    private SamplePush() {}

    public static void main(String[] arguments) {
        SampleRepository repository = SampleRepository.layout(Path.of(arguments[0]), "small");
        Digest digest = repository.push("1.0.0", OnnxModels.identity(16), new long[] {16}, new long[] {16});
        System.out.println(repository.reference() + "@" + digest);
    }
}
