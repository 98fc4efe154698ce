package health.vantage.models.artifact.testing;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small models for tests. */
public final class Models {
    private Models() {}

    public static RegistryOptions options() {
        return RegistryOptions.defaults()
                .withRetries(3, Duration.ofMillis(5), Duration.ofSeconds(2))
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    public static Repository open(String reference) {
        return new Repositories(options()).open(Reference.parse(reference));
    }

    /** An empty layout folder whose last part is the model's name. */
    public static Repository layout(Path folder) {
        return open("oci:" + folder.resolve("retina-seg"));
    }

    public static ModelMetadata metadata(String version, String variant, String... capabilities) {
        return new ModelMetadata(
                "retina-seg",
                version,
                variant,
                new ModelMetadata.Model(
                        ModelFormat.ONNX,
                        Precision.FP16,
                        List.of(-1L, 3L, 64L, 64L),
                        List.of(-1L, 4L, 64L, 64L),
                        3.5,
                        18),
                List.of(capabilities),
                new ModelMetadata.Provenance(
                        "run-8841", "cell-masks@2025.11", Instant.parse("2026-01-01T00:00:00Z"), "ml-platform"),
                new ModelMetadata.Deployment(List.of(variant), "12.6", null));
    }

    /** Bytes that do not compress, the same for the same seed. */
    public static byte[] noise(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    public static Path file(Path folder, String name, byte[] content) {
        try {
            Files.createDirectories(folder);
            return Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A backbone that all versions share, a head of its own, and labels. */
    public static List<ModelFile> files(Path work, ModelMetadata metadata) {
        var files = new ArrayList<ModelFile>();
        files.add(ModelFile.of(file(work, "backbone.onnx", noise(1, 300_000)), ModelFile.Kind.WEIGHT));
        long seed = (metadata.version() + metadata.variant() + metadata.capabilities()).hashCode();
        files.add(ModelFile.of(file(work, "head.onnx", noise(seed, 40_000)), ModelFile.Kind.WEIGHT));
        byte[] labels = "[\"background\",\"cell\",\"edge\"]".repeat(2000).getBytes();
        files.add(ModelFile.of(file(work, "labels.json", labels), ModelFile.Kind.CONFIG));
        return files;
    }

    /** Packs and pushes a model under the tags. */
    public static Digest push(Repository repository, Path work, ModelMetadata metadata, String... tags) {
        try (PackedModel packed = new ModelPacker(Compression.AUTO).pack(metadata, files(work, metadata))) {
            return new ModelPusher(repository).push(packed, List.of(tags));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Packs and pushes a version with alias and release index. */
    public static Digest release(Repository repository, Path work, ModelMetadata metadata) {
        try (PackedModel packed = new ModelPacker(Compression.AUTO).pack(metadata, files(work, metadata))) {
            return new ModelPusher(repository).release(packed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
