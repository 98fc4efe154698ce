package health.vantage.models.artifact.cache;

import static health.vantage.models.artifact.cache.HandMadeLayers.flipBit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCacheTest {
    @TempDir
    Path folder;

    private Repository repository;
    private NodeCache cache;

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
        cache = NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
    }

    private Digest push(String version) {
        return Models.push(repository, folder.resolve("work"), Models.metadata(version, "jetson", "cv3"));
    }

    @Test
    void aPulledModelHasItsFilesAtTheirPaths() throws IOException {
        Digest digest = push("2.4.1");
        var done = new AtomicLong();
        var total = new AtomicLong();

        CachedModel model = cache.pull(repository, digest, (d, t) -> {
            done.set(d);
            total.set(t);
        });

        assertThat(model.folder().resolve("models/backbone.onnx")).hasBinaryContent(Models.noise(1, 300_000));
        assertThat(model.weights())
                .extracting(path -> path.getFileName().toString())
                .containsExactly("backbone.onnx", "head.onnx");
        assertThat(model.files()).extracting(CachedModel.CachedFile::path).contains("models/labels.json");
        assertThat(model.metadata()).isEqualTo(Models.metadata("2.4.1", "jetson", "cv3"));
        assertThat(model.goldenSample()).isEmpty();
        assertThat(done.get()).isEqualTo(total.get()).isPositive();
        assertThat(cache.find(digest)).get().extracting(CachedModel::sizeBytes).isEqualTo(model.sizeBytes());
        assertThat(cache.verify(digest).digest()).isEqualTo(digest);
        assertThat(cache.contents()).extracting(CachedModel::digest).containsExactly(digest);
    }

    @Test
    void nothingButTheModelIsLeftAfterAPull() throws IOException {
        cache.pull(repository, push("2.4.1"), PullListener.NONE);
        for (String part : List.of("partial", "staging", "claims")) {
            assertThat(folder.resolve("cache").resolve(part)).isEmptyDirectory();
        }
    }

    @Test
    void aSharedLayerIsStoredOnce() throws IOException {
        CachedModel one = cache.pull(repository, push("2.4.1"), PullListener.NONE);
        CachedModel other = cache.pull(repository, push("2.4.2"), PullListener.NONE);
        assertThat(Files.isSameFile(
                        one.folder().resolve("models/backbone.onnx"),
                        other.folder().resolve("models/backbone.onnx")))
                .isTrue();
        assertThat(Files.isSameFile(
                        one.folder().resolve("models/head.onnx"), other.folder().resolve("models/head.onnx")))
                .isFalse();
    }

    @Test
    void aFlippedBitIsFoundNamedAndHealed() throws IOException {
        Digest digest = push("2.4.1");
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        flipBit(model.folder().resolve("models/head.onnx"), 777);

        assertThatThrownBy(() -> cache.verify(digest))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining("models/head.onnx")
                .hasMessageNotContaining("models/backbone.onnx");
        assertThat(cache.find(digest)).isEmpty();

        CachedModel healed = cache.pull(repository, digest, PullListener.NONE);
        assertThat(cache.verify(digest).sizeBytes()).isEqualTo(healed.sizeBytes());
    }

    @Test
    void aFlippedBitInTheKeptManifestOrRecordIsFoundToo() throws IOException {
        Digest digest = push("2.4.1");
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        flipBit(model.folder().resolveSibling("evidence/blobs/sha256").resolve(digest.hex()), 100);
        assertThatThrownBy(() -> cache.verify(digest))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining("manifest");

        model = cache.pull(repository, digest, PullListener.NONE);
        Files.writeString(model.folder().resolveSibling("model.json"), "{");
        assertThat(cache.find(digest)).isEmpty();
        assertThat(cache.pull(repository, digest, PullListener.NONE).weights()).hasSize(2);
    }

    @Test
    void pruningKeepsWhatIsWantedAndItsSharedLayers() throws IOException {
        Digest one = push("2.4.1");
        Digest other = push("2.4.2");
        cache.pull(repository, one, PullListener.NONE);
        cache.pull(repository, other, PullListener.NONE);

        cache.prune(Set.of(other));

        assertThat(cache.contents()).extracting(CachedModel::digest).containsExactly(other);
        assertThat(cache.verify(other).digest()).isEqualTo(other);
        try (var layers = Files.list(folder.resolve("cache/layers"))) {
            assertThat(layers).hasSize(3);
        }
        cache.prune(Set.of());
        assertThat(folder.resolve("cache/layers")).isEmptyDirectory();
        assertThat(folder.resolve("cache/models")).isEmptyDirectory();
    }

    @Test
    void aModelThatIsNotHereIsNotFound() {
        Digest digest = push("2.4.1");
        assertThat(cache.find(digest)).isEmpty();
        assertThatThrownBy(() -> cache.verify(digest)).isInstanceOf(DigestNotFound.class);
    }

    @Test
    void aPullThatWouldFillTheDiskIsRefusedBeforeItStarts() {
        Digest digest = push("2.4.1");
        var careful =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(Long.MAX_VALUE / 4));
        assertThatThrownBy(() -> careful.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(DiskFull.class)
                .hasMessageContainingAll("MiB", "remove models or free some");
        assertThat(careful.freeBytes()).isZero();
        assertThat(cache.freeBytes()).isPositive();
    }

    @Test
    void aBlobDamagedInTheRepositoryIsNotTaken() throws IOException {
        Digest digest = push("2.4.1");
        var manifest = (Manifest.Artifact) repository.manifest(digest).parsed();
        Path blob = folder.resolve("retina-seg/blobs/sha256")
                .resolve(manifest.layers().get(1).digest().hex());
        byte[] bytes = Files.readAllBytes(blob);
        bytes[5000] ^= 1;
        Files.write(blob, bytes);

        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining(manifest.layers().get(1).digest().toString());
        assertThat(cache.find(digest)).isEmpty();
    }

    @Test
    void whatAnInterruptedPullLeftIsContinuedEvenIfItsEndIsDamaged() throws IOException {
        Digest digest = push("2.4.1");
        var layer = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .getFirst();
        byte[] whole = Files.readAllBytes(
                folder.resolve("retina-seg/blobs/sha256").resolve(layer.digest().hex()));
        byte[] start = java.util.Arrays.copyOf(whole, 100_000);
        java.util.Arrays.fill(start, 90_000, 100_000, (byte) 0);
        Files.write(folder.resolve("cache/partial").resolve(layer.digest().hex()), start);

        cache.pull(repository, digest, PullListener.NONE);
        assertThat(cache.verify(digest).folder().resolve("models/backbone.onnx"))
                .hasBinaryContent(Models.noise(1, 300_000));
    }

    @Test
    void aRecordThatVouchesForOtherWeightsDoesNotPass() throws IOException {
        Digest digest = push("2.4.1");
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        var layers = ((Manifest.Artifact) repository.manifest(digest).parsed()).layers();
        // labels.json is compressed, backbone.onnx is not: each is bound to the manifest in its own way.
        for (String name : List.of("labels.json", "backbone.onnx")) {
            Path file = model.folder().resolve("models").resolve(name);
            flipBit(file, 100);
            for (var layer : layers) {
                Path layerFolder =
                        folder.resolve("cache/layers").resolve(layer.digest().hex());
                LayerRecord record = LayerRecord.read(layerFolder);
                List<Path> files = record.files().stream()
                        .map(f -> layerFolder.resolve("files").resolve(f.path()))
                        .toList();
                Digest tar = record.framing().orElseThrow().digest(files);
                Files.write(
                        layerFolder.resolve("layer.json"),
                        new LayerRecord(record.encoding(), tar, record.files(), record.framing()).toBytes());
            }
            assertThatThrownBy(() -> cache.verify(digest))
                    .isInstanceOf(IntegrityMismatch.class)
                    .hasMessageContaining("models/" + name);
            model = cache.pull(repository, digest, PullListener.NONE);
            assertThat(cache.verify(digest).digest()).isEqualTo(digest);
        }
    }
}
