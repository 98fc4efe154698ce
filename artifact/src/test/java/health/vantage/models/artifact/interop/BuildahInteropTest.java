package health.vantage.models.artifact.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that a Dockerfile makes, by buildah, and buildah's view of the image twin. */
@Tag("interop")
class BuildahInteropTest {
    private static final ModelMetadata METADATA = Models.metadata("1.2.0", "rtx", "cv3");
    private static final byte[] WEIGHTS = Models.noise(4, 70_000);
    private static int models;

    @TempDir
    static Path shared;

    private static RegistryProcess registry;

    @TempDir
    Path folder;

    private Tool buildah;
    private String name;
    private Repository repository;

    @BeforeAll
    static void start() throws IOException {
        registry = RegistryProcess.start(shared);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void find() throws IOException {
        buildah = Tool.find("buildah-bookworm", folder);
        name = registry.host() + "/b" + models++ + "/retina-seg";
        repository = Models.open(name);
        Files.writeString(folder.resolve("policy.json"), "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}");
        Files.write(folder.resolve("model.onnx"), WEIGHTS);
        Files.write(folder.resolve("metadata.json"), METADATA.canonicalJson());
    }

    /** Storage of its own, that needs no mount and no user namespace. */
    private String run(Object... arguments) {
        var all = new ArrayList<Object>(List.of(
                "--storage-driver", "vfs", "--root", folder.resolve("storage"), "--runroot", folder.resolve("run")));
        all.addAll(List.of(arguments));
        return buildah.run(all.toArray());
    }

    private Digest built(String dockerfile, String format, Object... more) throws IOException {
        Files.writeString(folder.resolve("Dockerfile"), dockerfile);
        var arguments = new ArrayList<Object>(List.of(
                "bud",
                "--signature-policy",
                folder.resolve("policy.json"),
                "--isolation",
                "chroot",
                "--format",
                format));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("-t", "model", folder));
        run(arguments.toArray());
        run(
                "push",
                "--signature-policy",
                folder.resolve("policy.json"),
                "--tls-verify=false",
                "--format",
                format.equals("docker") ? "v2s2" : "oci",
                "model",
                "docker://" + name + ":1.2.0-rtx");
        return repository.head("1.2.0-rtx");
    }

    private CachedModel pull(Digest digest) {
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository, digest, PullListener.NONE);
            return cache.verify(digest);
        }
    }

    private static String label() {
        return "LABEL " + ModelMetadata.IMAGE_LABEL + "='"
                + new String(METADATA.canonicalJson(), StandardCharsets.UTF_8) + "'\n";
    }

    private void isOurModel(Digest digest) {
        assertThat(ModelReader.read(repository, repository.manifest(digest)).metadata())
                .isEqualTo(METADATA);
        var resolution = new Resolver().resolve(repository, new Selector.VersionRange("^1"), List.of("rtx"));
        assertThat(resolution.byVariant().get("rtx").digest()).isEqualTo(digest);
        assertThat(pull(digest).folder().resolve("models/model.onnx")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "docker"})
    void anImageWithTheMetadataInALabelIsAModel(String format) throws IOException {
        Digest digest = built("FROM scratch\n" + label() + "COPY model.onnx /models/\n", format);
        isOurModel(digest);
        assertThat(pull(digest).weight().orElseThrow()).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @CsvSource({"oci,--layers=true", "oci,--layers=false", "docker,--layers=true"})
    void anImageWithTheMetadataInAFileIsAModel(String format, String layers) throws IOException {
        isOurModel(built("FROM scratch\nCOPY model.onnx /models/\nCOPY metadata.json /models/\n", format, layers));
    }

    @Test
    void metadataInALayerTooLargeToReadForItIsSaidToBeMissingThere() throws IOException {
        Files.write(folder.resolve("model.onnx"), Models.noise(5, 17 << 20));
        Digest digest = built("FROM scratch\nCOPY model.onnx metadata.json /models/\n", "oci", "--layers=false");
        assertThatThrownBy(() -> ModelReader.read(repository, repository.manifest(digest)))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContainingAll("larger than 16 MiB", "label", "a layer of its own");
    }

    @Test
    void whoeverPullsTheImageTwinAsAnImageHasTheModelsFiles() throws IOException {
        Digest digest = Models.release(repository, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"));
        new ModelPusher(repository).image(digest, List.of("2.4.1-jetson"));
        String container = run(
                        "from",
                        "--signature-policy",
                        folder.resolve("policy.json"),
                        "--tls-verify=false",
                        "--arch",
                        "arm64",
                        "docker://" + name + ":2.4.1-jetson-oci")
                .strip()
                .lines()
                .reduce((_, last) -> last)
                .orElseThrow();
        assertThat(run("inspect", "--type", "container", container))
                .contains(ModelMetadata.IMAGE_LABEL, "\"architecture\": \"arm64\"");
        Path mount = Path.of(run("mount", container).strip());
        assertThat(mount.resolve("models/backbone.onnx")).hasBinaryContent(Models.noise(1, 300_000));
    }
}
