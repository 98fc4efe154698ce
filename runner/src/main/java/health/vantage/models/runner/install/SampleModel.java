package health.vantage.models.runner.install;

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
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model of a few bytes in an OCI layout folder: FP32[4] to FP32[4], which returns its input.
 *
 * @param repository as {@code serve --model} takes it, without the digest
 */
public record SampleModel(String repository, Digest digest) {
    public static final String NAME = "selfcheck";

    private static final int ELEMENTS = 4;

    /** Packs it below {@code work}. */
    public static SampleModel push(Path work) throws IOException {
        Path weights = Files.createDirectories(work).resolve(NAME + ".onnx");
        try (InputStream onnx = SampleModel.class.getResourceAsStream(NAME + ".onnx")) {
            Files.copy(onnx, weights);
        }
        Repository repository = new Repositories(RegistryOptions.defaults())
                .open(Reference.parse("oci:" + work.toAbsolutePath().resolve(NAME)));
        List<ModelFile> files = List.of(ModelFile.of(weights, ModelFile.Kind.WEIGHT));
        try (PackedModel packed = new ModelPacker(Compression.AUTO).pack(metadata(), files)) {
            return new SampleModel(repository.reference().toString(), new ModelPusher(repository).release(packed));
        }
    }

    private static ModelMetadata metadata() {
        List<Long> shape = List.of((long) ELEMENTS);
        return new ModelMetadata(
                NAME,
                "1.0.0",
                "cpu",
                new ModelMetadata.Model(ModelFormat.ONNX, Precision.FP32, shape, shape, 0.25, 50),
                List.of(NAME),
                new ModelMetadata.Provenance("none", "none", Instant.EPOCH, "the runner"),
                new ModelMetadata.Deployment(List.of("cpu"), null, null));
    }

    public static byte[] input() {
        ByteBuffer bytes = ByteBuffer.allocate(ELEMENTS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ELEMENTS; i++) {
            bytes.putFloat(i + 0.5f);
        }
        return bytes.array();
    }

    /** The folder and all below it. */
    public static void delete(Path work) throws IOException {
        try (Stream<Path> files = Files.walk(work)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
