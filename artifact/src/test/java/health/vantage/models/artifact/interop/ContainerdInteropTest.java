package health.vantage.models.artifact.interop;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node's containerd makes of an image twin: this is what Kubernetes' image volumes mount. */
@Tag("interop")
class ContainerdInteropTest {
    private static int models;

    @TempDir
    static Path shared;

    private static RegistryProcess registry;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        registry = RegistryProcess.start(shared);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    private String pushed() {
        String name = registry.host() + "/c" + models++ + "/retina-seg";
        Repository repository = Models.open(name);
        ModelMetadata metadata = Models.metadata("2.4.1", "jetson", "cv3");
        Digest digest = Models.release(repository, folder.resolve("work"), metadata);
        new ModelPusher(repository).image(digest, List.of("2.4.1-jetson"));
        return name + ":2.4.1-jetson-oci";
    }

    @ParameterizedTest
    @ValueSource(strings = {"trixie", "sid"})
    void theImageTwinIsMountedWithTheModelsFiles(String suite) throws IOException {
        try (var containerd = Containerd.start(suite, folder)) {
            String image = pushed();
            containerd.ctr("images", "pull", "--local", "--plain-http", "--snapshotter", "native", image);
            Path mount = Files.createDirectories(folder.resolve("mount"));
            containerd.ctr("images", "mount", "--snapshotter", "native", image, mount);
            try {
                assertThat(mount.resolve("models/backbone.onnx")).hasBinaryContent(Models.noise(1, 300_000));
                assertThat(mount.resolve("models/labels.json")).isRegularFile();
            } finally {
                containerd.ctr("images", "unmount", mount);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"trixie", "sid"})
    void aNodeOfTheOtherProcessorFindsAnImageForItself(String suite) throws IOException {
        try (var containerd = Containerd.start(suite, folder)) {
            String image = pushed();
            for (String platform : List.of("linux/amd64", "linux/arm64")) {
                containerd.ctr(
                        "images",
                        "pull",
                        "--local",
                        "--plain-http",
                        "--snapshotter",
                        "native",
                        "--platform",
                        platform,
                        image);
            }
            assertThat(containerd.ctr("images", "check", "--snapshotter", "native", "name==" + image))
                    .contains(image, "complete")
                    .doesNotContain("incomplete");
            assertThat(containerd
                            .attempt("images", "pull", "--local", "--plain-http", "--platform", "linux/s390x", image)
                            .exit())
                    .as("no image for any other")
                    .isNotZero();
        }
    }
}
