package health.vantage.models.system.world;

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
import health.vantage.models.artifact.verify.Signer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** The person who releases models: packs, pushes, signs, and moves the capability tags. */
public final class Publisher {
    private final Repository repository;
    private final String model;
    private final Signer signer;

    /** @param repository {@code host:port/path/model}; the last part is the model's name */
    public Publisher(String repository, Signer signer) {
        this.repository = new Repositories(RegistryOptions.defaults()).open(Reference.parse(repository));
        this.model = repository.substring(repository.lastIndexOf('/') + 1);
        this.signer = signer;
    }

    /** A key pair made on the spot. */
    public static Signer newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            return Signer.of("-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                    + "\n-----END PRIVATE KEY-----\n");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has P-256", e);
        }
    }

    /** What one version needs and how fast it says to be. */
    public record Release(
            String version,
            List<String> variants,
            List<String> capabilities,
            double vramGB,
            double latencyMs,
            List<Long> inputShape,
            List<Long> outputShape) {

        public static Release of(String version, String... variants) {
            return new Release(
                    version,
                    List.of(variants),
                    List.of("cv3"),
                    0.5,
                    800,
                    List.of(1L, 3L, -1L, -1L),
                    List.of(1L, 1L, -1L, -1L));
        }

        public Release withVramGB(double needed) {
            return new Release(version, variants, capabilities, needed, latencyMs, inputShape, outputShape);
        }

        public Release withCapabilities(String... other) {
            return new Release(version, variants, List.of(other), vramGB, latencyMs, inputShape, outputShape);
        }

        public Release withLatencyMs(double declared) {
            return new Release(version, variants, capabilities, vramGB, declared, inputShape, outputShape);
        }

        public Release withShapes(List<Long> input, List<Long> output) {
            return new Release(version, variants, capabilities, vramGB, latencyMs, input, output);
        }
    }

    /** Packs, pushes and signs every variant; no tag moves yet. */
    public List<Digest> release(Release release, Path files) {
        return push(release, files, true);
    }

    public List<Digest> releaseUnsigned(Release release, Path files) {
        return push(release, files, false);
    }

    private List<Digest> push(Release release, Path files, boolean sign) {
        var digests = new ArrayList<Digest>();
        for (String variant : release.variants()) {
            try (PackedModel packed =
                    new ModelPacker(Compression.AUTO).pack(metadata(release, variant), modelFiles(files))) {
                Digest digest = new ModelPusher(repository).release(packed);
                if (sign) {
                    signer.signV2(repository, digest);
                }
                digests.add(digest);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return digests;
    }

    /** Points {@code <capability>-<variant>} at a release. */
    public void moveTags(Release release) {
        var pusher = new ModelPusher(repository);
        for (String variant : release.variants()) {
            Digest digest = repository.head(release.version() + "-" + variant);
            release.capabilities().forEach(capability -> pusher.tag(digest, capability + "-" + variant));
        }
    }

    private ModelMetadata metadata(Release release, String variant) {
        return new ModelMetadata(
                model,
                release.version(),
                variant,
                new ModelMetadata.Model(
                        ModelFormat.ONNX,
                        Precision.FP32,
                        release.inputShape(),
                        release.outputShape(),
                        release.vramGB(),
                        release.latencyMs()),
                release.capabilities(),
                new ModelMetadata.Provenance(
                        "run-" + release.version(), "pp-ocr@4", Instant.parse("2026-01-01T00:00:00Z"), "PaddlePaddle"),
                new ModelMetadata.Deployment(List.of(variant), null, null));
    }

    private static List<ModelFile> modelFiles(Path folder) throws IOException {
        var files = new ArrayList<ModelFile>();
        try (Stream<Path> found = Files.walk(folder.resolve("models"))) {
            for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                String path = folder.relativize(file).toString();
                files.add(new ModelFile(
                        file, path, path.endsWith(".onnx") ? ModelFile.Kind.WEIGHT : ModelFile.Kind.CONFIG));
            }
        }
        return files;
    }
}
