package health.vantage.models.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.github.luben.zstd.Zstd;
import health.vantage.models.artifact.archive.BoundedInputStream;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.archive.SafePath;
import health.vantage.models.artifact.archive.TarHeader;
import health.vantage.models.artifact.archive.TarReader;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.TagNames;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.DockerConfig;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Platform;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.verify.SignatureVerifier;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever strangers send, the answer is a value or a clear refusal: an {@link ArtifactException} or an
 * {@link IllegalArgumentException} (of a stream also an {@link IOException}), in bounded time. The seeds are fixed; a
 * failure names its input.
 */
class HostileInputTest {
    private static final int ROUNDS = 3000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Bytes of the seed changed, cut, doubled and mixed with what parsers stumble over. */
    private static byte[] mutated(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        String[] nasty = {
            "\0",
            "\"",
            "{",
            "[[[[[[[[",
            "]",
            "}",
            ":",
            "-1",
            "9223372036854775808",
            "1e999",
            "\\u0000",
            "\ud800",
            "../",
            "sha256:",
            "null",
            "true",
            "\u202e",
            "=",
            ",",
            "\"\\",
            "@",
            "//"
        };
        for (int i = random.nextInt(6); i >= 0; i--) {
            int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> {
                    if (bytes.length > 0) {
                        bytes[at] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                case 1 -> bytes = java.util.Arrays.copyOf(bytes, at);
                case 2 ->
                    bytes = spliced(bytes, at, nasty[random.nextInt(nasty.length)].getBytes(StandardCharsets.UTF_8));
                case 3 -> {
                    int end = Math.min(bytes.length, at + random.nextInt(64));
                    bytes = spliced(bytes, at, java.util.Arrays.copyOfRange(bytes, at, end));
                }
                default -> {
                    byte[] noise = new byte[random.nextInt(16)];
                    random.nextBytes(noise);
                    bytes = spliced(bytes, at, noise);
                }
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int at, byte[] in) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(in);
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    private static void survives(long randomSeed, byte[] seed, Consumer<byte[]> reader) {
        var random = new Random(randomSeed);
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int i = 0; i < ROUNDS; i++) {
                byte[] input = mutated(seed, random);
                try {
                    reader.accept(input);
                } catch (ArtifactException | IllegalArgumentException e) {
                    assertThat(e.getMessage()).as("a refusal is a sentence").isNotBlank();
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(
                            "round " + i + " of " + randomSeed + ": "
                                    + java.util.Base64.getEncoder().encodeToString(input),
                            e);
                }
            }
        });
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] manifest() {
        byte[] config = "{}".getBytes();
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + ".tar", Models.noise(1, 10))
                .annotated(Map.of(MediaTypes.MODEL_FILEPATH, "models/a"));
        return Manifest.Artifact.of(
                        MediaTypes.MODEL_MANIFEST,
                        Descriptor.of(MediaTypes.MODEL_CONFIG, config).inline(config),
                        List.of(layer),
                        Map.of("a", "b"))
                .withSubject(Descriptor.of(MediaTypes.OCI_MANIFEST, config))
                .toBytes();
    }

    @Test
    void manifests() {
        survives(1, manifest(), bytes -> Manifest.parse(bytes, MediaTypes.OCI_MANIFEST, "x"));
        survives(2, manifest(), bytes -> Manifest.parse(bytes, "", "x"));
    }

    @Test
    void indexes() {
        byte[] index = Manifest.Index.of(
                        List.of(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest())
                                .withArtifactType("a/b")),
                        Map.of("k", "v"))
                .toBytes();
        survives(3, index, bytes -> Manifest.parse(bytes, MediaTypes.OCI_INDEX, "x"));
    }

    @Test
    void versionRangesAndTheTagsTheyAreHeldAgainst(@TempDir Path folder) {
        Repository repository = Models.layout(folder);
        Models.release(repository, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"));
        for (String seed : List.of("~2.4", ">=2.0.0 <3.0.0 || ^4.1.x", "1.2.3 - 2.3.4", "2.x", "=v1.0.0-alpha.1")) {
            survives(15, seed.getBytes(), bytes -> {
                // What is accepted can be used.
                new Resolver().resolve(repository, new Selector.VersionRange(text(bytes)), List.of("jetson"));
            });
        }
        survives(16, "2.4.1-jetson-oci".getBytes(), bytes -> {
            TagNames.isBookkeeping(text(bytes));
            TagNames.version(text(bytes));
        });
    }

    @Test
    void aManifestThatIsReadIsWrittenAndReadTheSameAgain() {
        survives(17, manifest(), HostileInputTest::sameAgain);
        byte[] index = Manifest.Index.of(
                        List.of(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest())
                                .forPlatform(Platform.linux("arm64"))),
                        Map.of("k", "v"))
                .toBytes();
        survives(18, index, HostileInputTest::sameAgain);
    }

    private static void sameAgain(byte[] bytes) {
        Manifest read = Manifest.parse(bytes, "", "x");
        assertThat(Manifest.parse(read.toBytes(), "", "x")).isEqualTo(read);
    }

    @Test
    void jsonThatIsNestedDeeplyOrRepeatsItselfIsRefusedQuickly() {
        for (String deep :
                List.of("[".repeat(900_000), "{\"a\":".repeat(150_000), "{\"layers\":[" + "[".repeat(10_000))) {
            assertTimeoutPreemptively(LIMIT, () -> {
                try {
                    Manifest.parse(deep.getBytes(), "", "x");
                    throw new AssertionError("was accepted");
                } catch (ArtifactException | IllegalArgumentException e) {
                    assertThat(e.getMessage()).isNotBlank();
                }
            });
        }
    }

    @Test
    void metadata() {
        survives(5, Models.metadata("1.2.3", "rtx", "cv3", "int8").canonicalJson(), ModelMetadata::parse);
    }

    @Test
    void references() {
        survives(6, "registry.example.com:5000/team/retina-seg:2.4.1".getBytes(), b -> Reference.parse(text(b)));
        survives(
                7,
                ("oci:/mnt/stick/retina-seg@" + Digest.of("x".getBytes())).getBytes(),
                b -> Reference.parse(text(b)));
    }

    @Test
    void aReferenceThatIsAcceptedIsReadTheSameAgain() {
        survives(8, "registry.example.com:5000/team/retina-seg:2.4.1".getBytes(), bytes -> {
            Reference reference = Reference.parse(text(bytes));
            assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
        });
    }

    @Test
    void pathsNeverLeadOut() {
        survives(9, "models/deep/./file.onnx".getBytes(), bytes -> {
            String safe = SafePath.of(text(bytes), "x");
            var root = java.nio.file.Path.of("/root/of/it");
            assertThat(root.resolve(safe).normalize()).startsWithRaw(root).isEqualTo(root.resolve(safe));
        });
    }

    @Test
    void dockerConfigs() {
        byte[] config =
                "{\"auths\":{\"https://r.example.com/v1/\":{\"auth\":\"YTpi\"},\"r.example.com/x\":{\"identitytoken\":\"t\"}}}"
                        .getBytes();
        survives(10, config, bytes -> {
            // A helper would be a program: those have a test of their own.
            if (!text(bytes).contains("credHelpers") && !text(bytes).contains("credsStore")) {
                DockerConfig.of(bytes).find("r.example.com", "x/y");
            }
        });
    }

    @Test
    void publicKeys() {
        String pem = health.vantage.models.artifact.verify.Signer.of(
                        health.vantage.models.artifact.testing.Keys.privatePem())
                .publicKeyPem();
        survives(11, pem.getBytes(), bytes -> SignatureVerifier.of(List.of(text(bytes))));
    }

    private static byte[] tar() {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            byte[] content = Models.noise(i, 700);
            out.writeBytes(TarHeader.of("models/f" + i, content.length));
            out.writeBytes(content);
            out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        }
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    /** Reads everything; more than the bound never comes out. */
    private static void readAll(byte[] blob, LayerEncoding encoding) {
        long bound = 64 << 10;
        long count = 0;
        byte[] buffer = new byte[4096];
        try (var in = new BoundedInputStream(encoding.decode(new ByteArrayInputStream(blob)), bound, "The layer")) {
            var tar = new TarReader(in, "The layer", 100);
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
                    count += n;
                }
            }
        } catch (IOException e) {
            assertThat(e).as("broken, and said so").isNotNull();
        }
        assertThat(count).isLessThanOrEqualTo(bound);
    }

    @Test
    void tars() {
        survives(12, tar(), bytes -> readAll(bytes, LayerEncoding.TAR));
    }

    @Test
    void zstdStreams() {
        survives(13, Zstd.compress(tar(), 3), bytes -> readAll(bytes, LayerEncoding.TAR_ZSTD));
    }

    @Test
    void gzipStreams() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(out)) {
            gzip.write(tar());
        }
        survives(14, out.toByteArray(), bytes -> readAll(bytes, LayerEncoding.TAR_GZIP));
    }

    @Test
    void aZstdFrameThatAsksForAHugeWindowDoesNotGetIt() {
        // Magic, a frame header with that window, then nothing that would need it.
        byte[] twoGiB = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) 0xa8, 0x01, 0x00, 0x00};
        byte[] most = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) 0x78, 0x01, 0x00, 0x00};
        byte[] twiceThat = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) 0x80, 0x01, 0x00, 0x00};
        readAll(most, LayerEncoding.TAR_ZSTD);
        for (byte[] frame : List.of(twoGiB, twiceThat)) {
            assertThatThrownBy(() -> LayerEncoding.TAR_ZSTD
                            .decode(new ByteArrayInputStream(frame))
                            .readAllBytes())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("memory");
        }
    }
}
