package health.vantage.models.artifact.cache;

import static health.vantage.models.artifact.cache.HandMadeLayers.flipBit;
import static health.vantage.models.artifact.cache.HandMadeLayers.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every form of layer that others may pack: tars of one or many files, compressed or not, and raw files. */
class LayerFormsTest {
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

    private Digest pushTar(String mediaType, byte[] blob) {
        return HandMadeLayers.push(repository, Descriptor.of(mediaType, blob), blob);
    }

    @Test
    void aSingleFileThatIsNotCompressedIsWrittenOnce() throws IOException {
        Digest digest = push("2.4.1");
        var layer = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .getFirst();
        assertThat(layer.mediaType()).endsWith(".tar");
        byte[] whole = Files.readAllBytes(
                folder.resolve("retina-seg/blobs/sha256").resolve(layer.digest().hex()));
        Path partial = folder.resolve("cache/partial").resolve(layer.digest().hex());
        Files.write(partial.resolveSibling(layer.digest().hex() + ".head"), java.util.Arrays.copyOf(whole, 512));
        Files.write(partial, java.util.Arrays.copyOfRange(whole, 512, 200_000));
        Object inode = Files.getAttribute(partial, "unix:ino");

        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        Path file = model.folder().resolve("models/backbone.onnx");
        assertThat(file).hasBinaryContent(Models.noise(1, 300_000));
        assertThat(Files.getAttribute(file, "unix:ino"))
                .as("the file that was downloaded is the model's")
                .isEqualTo(inode);
        assertThat(cache.verify(digest).digest()).isEqualTo(digest);
    }

    @Test
    void aConfigThatSaysAnotherContentThanTheLayersHaveIsRefused() throws IOException {
        byte[] tar = tar("models/a", '0', new byte[20_000]);
        byte[] zstd = com.github.luben.zstd.Zstd.compress(tar, 3);
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + ".tar+zstd", zstd);
        String config = "{\"modelfs\":{\"type\":\"layers\",\"diffIds\":[\"%s\"]}}";
        Digest right = HandMadeLayers.push(
                repository, layer, zstd, config.formatted(Digest.of(tar)).getBytes());
        cache.pull(repository, right, PullListener.NONE);
        assertThat(cache.verify(right).weights()).hasSize(1);

        Digest wrong = HandMadeLayers.push(
                repository, layer, zstd, config.formatted(Digest.of(zstd)).getBytes());
        assertThatThrownBy(() -> cache.pull(repository, wrong, PullListener.NONE))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("the config says");
    }

    @Test
    void aTarOfSeveralFilesIsUnpackedAndVerifiedToo() throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(tar("models/big", '0', Models.noise(5, 100_000)));
        out.writeBytes(tar("models/small", '0', Models.noise(6, 10)));
        out.writeBytes(new byte[10_240]);
        // The second file is so small that only its bytes tell it from the end of the first one's tar.
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", out.toByteArray());
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        assertThat(model.folder().resolve("models/big")).hasBinaryContent(Models.noise(5, 100_000));
        assertThat(model.folder().resolve("models/small")).hasBinaryContent(Models.noise(6, 10));
        assertThat(cache.verify(digest).weights()).hasSize(2);
        flipBit(model.folder().resolve("models/small"), 3);
        assertThatThrownBy(() -> cache.verify(digest)).isInstanceOf(IntegrityMismatch.class);
    }

    @Test
    void aTarOfVeryManyFilesIsVerifiedByTheirDigests() throws IOException {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 1500; i++) {
            out.writeBytes(tar("models/part-" + i, '0', Models.noise(i, 300)));
        }
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", out.toByteArray());
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        var layer = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .getFirst();
        assertThat(LayerRecord.read(folder.resolve("cache/layers")
                                .resolve(layer.digest().hex()))
                        .framing())
                .isEmpty();
        assertThat(cache.verify(digest).weights()).hasSize(1500);
        flipBit(model.folder().resolve("models/part-777"), 3);
        assertThatThrownBy(() -> cache.verify(digest)).isInstanceOf(IntegrityMismatch.class);
    }

    @Test
    void aRawLayerIsPlacedByItsAnnotation() {
        byte[] weights = Models.noise(3, 5000);
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + ".raw", weights)
                .annotated(Map.of(MediaTypes.MODEL_FILEPATH, "models/deep/model.gguf"));
        CachedModel model = cache.pull(repository, HandMadeLayers.push(repository, layer, weights), PullListener.NONE);
        assertThat(model.weight()).get().isEqualTo(model.folder().resolve("models/deep/model.gguf"));
        assertThat(model.weight().orElseThrow()).hasBinaryContent(weights);

        Descriptor moved = layer.annotated(Map.of(MediaTypes.MODEL_FILEPATH, "models/elsewhere.gguf"));
        CachedModel other = cache.pull(repository, HandMadeLayers.push(repository, moved, weights), PullListener.NONE);
        assertThat(other.folder().resolve("models/elsewhere.gguf")).hasBinaryContent(weights);

        Descriptor escaping = layer.annotated(Map.of(MediaTypes.MODEL_FILEPATH, "../../escaped"));
        assertThatThrownBy(() ->
                        cache.pull(repository, HandMadeLayers.push(repository, escaping, weights), PullListener.NONE))
                .isInstanceOf(InsecureArchive.class);
    }
}
