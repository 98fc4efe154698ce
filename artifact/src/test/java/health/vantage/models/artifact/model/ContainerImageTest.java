package health.vantage.models.artifact.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.TarHeader;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as a Dockerfile makes them: a base system, the model's files, metadata in a label or in a file. */
class ContainerImageTest {
    private static final byte[] JSON = Models.metadata("1.2.0", "rtx", "cv3").canonicalJson();
    private static final byte[] WEIGHTS = Models.noise(4, 70_000);

    @TempDir
    Path folder;

    private Repository repository;

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
    }

    private static byte[] tar(Map<String, byte[]> files) {
        var out = new ByteArrayOutputStream();
        // What every base system has, and a model must not: a link and an absolute-looking path.
        byte[] link = TarHeader.of("usr/bin/sh", 0);
        link[156] = '2';
        java.util.Arrays.fill(link, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : link) {
            sum += b & 0xff;
        }
        System.arraycopy(String.format("%06o\0 ", sum).getBytes(), 0, link, 148, 8);
        out.writeBytes(link);
        files.forEach((path, content) -> {
            out.writeBytes(TarHeader.of(path, content.length));
            out.writeBytes(content);
            out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        });
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private Digest image(Optional<String> label, List<byte[]> tars) {
        var layers = new ArrayList<Descriptor>();
        var root = Json.newObject();
        var ids = root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
        label.ifPresent(text -> root.putObject("config").putObject("Labels").put(ModelMetadata.IMAGE_LABEL, text));
        for (byte[] tar : tars) {
            byte[] blob = gzip(tar);
            Descriptor layer = Descriptor.of("application/vnd.docker.image.rootfs.diff.tar.gzip", blob);
            repository.putBlob(layer, BlobSource.of(blob));
            layers.add(layer);
            ids.add(Digest.of(tar).toString());
        }
        byte[] config = Json.bytes(root);
        Descriptor configDescriptor = Descriptor.of(MediaTypes.DOCKER_CONFIG, config);
        repository.putBlob(configDescriptor, BlobSource.of(config));
        byte[] manifest =
                Manifest.Artifact.of(null, configDescriptor, layers, Map.of()).toBytes();
        return repository.putManifest("latest", MediaTypes.OCI_MANIFEST, manifest);
    }

    private CachedModel pull(Digest digest) {
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository, digest, PullListener.NONE);
            return cache.verify(digest);
        }
    }

    private static Map<String, byte[]> files(Object... pathsAndContents) {
        var files = new LinkedHashMap<String, byte[]>();
        for (int i = 0; i < pathsAndContents.length; i += 2) {
            files.put((String) pathsAndContents[i], (byte[]) pathsAndContents[i + 1]);
        }
        return files;
    }

    private static String json() {
        return new String(JSON, StandardCharsets.UTF_8);
    }

    @Test
    void metadataIsReadFromTheLabel() {
        Digest digest = image(Optional.of(json()), List.of(tar(files("models/model.onnx", WEIGHTS))));
        assertThat(ModelReader.read(repository, repository.manifest(digest)).metadata())
                .isEqualTo(Models.metadata("1.2.0", "rtx", "cv3"));
        CachedModel model = pull(digest);
        assertThat(model.weight().orElseThrow()).hasBinaryContent(WEIGHTS);
        assertThat(model.files()).extracting(CachedModel.CachedFile::path).containsExactly("models/model.onnx");
    }

    @Test
    void metadataIsReadFromTheFileInALayer() {
        Digest digest = image(
                Optional.empty(),
                List.of(
                        tar(files("etc/passwd", "root".getBytes())),
                        tar(files("models/model.onnx", WEIGHTS)),
                        tar(files("models/metadata.json", JSON))));
        assertThat(ModelReader.read(repository, repository.manifest(digest)).metadata())
                .isEqualTo(Models.metadata("1.2.0", "rtx", "cv3"));
        assertThat(pull(digest).folder().resolve("models/model.onnx")).hasBinaryContent(WEIGHTS);
        assertThat(pull(digest).folder().resolve("etc")).doesNotExist();
    }

    @Test
    void aFileThatALaterLayerReplacesIsTheLaterOne() throws IOException {
        byte[] better = Models.noise(5, 60_000);
        Digest digest = image(
                Optional.of(json()),
                List.of(tar(files("models/model.onnx", WEIGHTS)), tar(files("models/model.onnx", better))));
        CachedModel model = pull(digest);
        Path file = model.folder().resolve("models/model.onnx");
        assertThat(file).hasBinaryContent(better);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.write(file, WEIGHTS);
        assertThatThrownBy(() -> pull(digest)).isInstanceOf(IntegrityMismatch.class);
    }

    @Test
    void anImageThatIsNoModelSaysSo() {
        Digest digest = image(Optional.empty(), List.of(tar(files("app/main", WEIGHTS))));
        assertThatThrownBy(() -> ModelReader.read(repository, repository.manifest(digest)))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContainingAll(ModelMetadata.IMAGE_LABEL, "/models/metadata.json");
    }

    @Test
    void aLabelThatIsNotMetadataIsRefused() {
        Digest digest = image(Optional.of("{\"name\":3}"), List.of(tar(files("models/model.onnx", WEIGHTS))));
        assertThatThrownBy(() -> ModelReader.read(repository, repository.manifest(digest)))
                .isInstanceOf(InvalidMetadata.class)
                .hasMessageContaining("$.name");
    }
}
