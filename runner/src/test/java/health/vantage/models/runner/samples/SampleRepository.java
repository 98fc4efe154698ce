package health.vantage.models.runner.samples;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.metadata.ModelFormat;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.metadata.Precision;
import health.vantage.models.artifact.pack.Compression;
import health.vantage.models.artifact.pack.ModelFile;
import health.vantage.models.artifact.pack.ModelPacker;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.pack.PackedModel;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Packs sample models and pushes them: to an OCI layout folder, or to any other repository. */
public final class SampleRepository {
    private final Path work;
    private final Repository repository;
    private final String model;

    /** @param repository its last part is the model's name */
    public SampleRepository(Path work, Repository repository) {
        this.work = work;
        this.repository = repository;
        this.model = repository.reference().name();
    }

    /** An OCI layout folder {@code <work>/<model>}. */
    public static SampleRepository layout(Path work, String model) {
        Reference reference = Reference.parse("oci:" + work.resolve(model));
        return new SampleRepository(work, new Repositories(RegistryOptions.defaults()).open(reference));
    }

    /** What an instruction names: the repository without tag and digest. */
    public String reference() {
        return repository.reference().toString();
    }

    public Repository repository() {
        return repository;
    }

    /** An ONNX model with the given shapes; what lies under {@code models/} of {@code folder} goes in, a golden sample included. */
    public Digest push(String version, ModelFolder folder, long[] in, long[] out) {
        return push(version, ModelFormat.ONNX, folder.root(), in, out);
    }

    /** An ONNX model without a golden sample. */
    public Digest push(String version, byte[] onnx, long[] in, long[] out) {
        return push(version, ModelFolder.write(work.resolve("files-" + model + "-" + version), onnx), in, out);
    }

    /** A model that {@link ScriptedBackend} loads: FP32[4] to FP32[4]. */
    public Digest pushScripted(String version, String word) {
        Path folder = work.resolve("files-" + model + "-" + version);
        try {
            Files.createDirectories(folder.resolve("models"));
            Files.write(folder.resolve("models/model.gguf"), word.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return push(version, ModelFormat.GGUF, folder, new long[] {4}, new long[] {4});
    }

    /** A model that {@link TinyEngine} serves: what it answers, then what goes wrong. */
    public Digest pushForEngine(String version, String... words) {
        Path folder = work.resolve("files-" + model + "-" + version);
        try {
            Files.createDirectories(folder.resolve("models"));
            Files.writeString(folder.resolve("models/engine.txt"), String.join("\n", words) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return push(version, ModelFormat.VLLM, folder, new long[] {-1}, new long[] {-1});
    }

    private Digest push(String version, ModelFormat format, Path folder, long[] in, long[] out) {
        ModelMetadata metadata = new ModelMetadata(
                model,
                version,
                "cpu",
                new ModelMetadata.Model(format, Precision.FP32, list(in), list(out), 0.25, 50),
                List.of("sample"),
                new ModelMetadata.Provenance("run-1", "sample@1", Instant.parse("2026-01-01T00:00:00Z"), "tests"),
                new ModelMetadata.Deployment(List.of("cpu"), null, null));
        try (PackedModel packed = new ModelPacker(Compression.AUTO).pack(metadata, files(folder))) {
            return new ModelPusher(repository).release(packed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ModelFile> files(Path folder) throws IOException {
        List<ModelFile> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder.resolve("models"))) {
            for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                String path = folder.relativize(file).toString();
                boolean weight = path.endsWith(".onnx") || path.endsWith(".gguf") || path.endsWith("engine.txt");
                files.add(new ModelFile(file, path, weight ? ModelFile.Kind.WEIGHT : ModelFile.Kind.CONFIG));
            }
        }
        return files;
    }

    private static List<Long> list(long[] dims) {
        return Arrays.stream(dims).boxed().toList();
    }
}
