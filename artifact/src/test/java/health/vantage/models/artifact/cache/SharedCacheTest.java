package health.vantage.models.artifact.cache;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One cache folder, several processes, several models that share a backbone. */
class SharedCacheTest {
    @TempDir
    Path folder;

    private RegistryProcess registry;
    private Repository repository;

    @BeforeEach
    void start() throws IOException {
        registry = RegistryProcess.start(folder);
        repository = Models.open(registry.host() + "/vantage/retina-seg");
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private Digest push(String version) {
        return Models.push(repository, folder.resolve("work"), Models.metadata(version, "jetson", "cv3"));
    }

    private NodeCache open(Watermarks marks) {
        return NodeCache.open(
                folder.resolve("cache"),
                CacheLimits.defaults().withKeepFreeBytes(0).withWatermarks(marks));
    }

    @Test
    void processesThatPullTheSameAndOtherModelsAtOnceMoveEveryLayerOnce() throws Exception {
        List<Digest> models = List.of(push("1.0.0"), push("1.1.0"), push("1.2.0"));
        var processes = new ArrayList<Process>();
        for (Digest model : models) {
            for (int i = 0; i < 2; i++) {
                processes.add(PullProgram.start(
                        folder.resolve("cache"), repository.reference().toString(), model));
            }
        }
        for (Process process : processes) {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        try (NodeCache cache = open(Watermarks.NO_SPARE)) {
            assertThat(cache.contents()).hasSize(3);
            models.forEach(model -> assertThat(cache.verify(model).folder().resolve("models/head.onnx"))
                    .isRegularFile());
        }
        Set<String> layers = new java.util.TreeSet<>();
        for (Digest model : models) {
            ((Manifest.Artifact) repository.manifest(model).parsed())
                    .layers()
                    .forEach(layer -> layers.add(layer.digest().toString()));
        }
        assertThat(layers).hasSize(5);
        for (String layer : layers) {
            assertThat(registry.requests().stream().filter(line -> line.contains("\"GET ") && line.contains(layer)))
                    .as("GETs of %s", layer)
                    .hasSize(1);
        }
    }

    @Test
    void theLeastRecentlyUsedGoWhenTheHighMarkIsPassedAndNeverWhatIsNeeded() throws IOException {
        List<Digest> models = List.of(push("1.0.0"), push("1.1.0"), push("1.2.0"), push("1.3.0"));
        // Each has a head of 40,000 bytes beside the backbone and labels (356,000) that all share.
        try (NodeCache cache = open(new Watermarks(500_000, 440_000))) {
            for (int i = 0; i < 3; i++) {
                cache.pull(repository, models.get(i), PullListener.NONE);
                used(models.get(i), 1000 + i);
            }
            assertThat(cache.prune(Set.of(models.get(2))))
                    .as("below the high mark")
                    .isEmpty();

            cache.pull(repository, models.get(3), PullListener.NONE);
            used(models.get(3), 1003);
            // Whoever is used again is not the oldest any more.
            cache.pull(repository, models.get(0), PullListener.NONE);
            assertThat(cache.wouldPrune(Set.of(models.get(1)), new Watermarks(500_000, 440_000)))
                    .containsExactly(models.get(2), models.get(3));
            assertThat(cache.prune(Set.of(models.get(1)))).containsExactly(models.get(2), models.get(3));
            assertThat(cache.contents())
                    .extracting(CachedModel::digest)
                    .containsExactlyInAnyOrder(models.get(0), models.get(1));
            assertThat(cache.verify(models.get(0)).digest()).isEqualTo(models.get(0));

            assertThat(cache.prune(Set.of(models.get(1)), Watermarks.NO_SPARE)).containsExactly(models.get(0));
            assertThat(cache.prune(Set.of(models.get(1)), Watermarks.NO_SPARE)).isEmpty();
            assertThat(cache.verify(models.get(1)).digest()).isEqualTo(models.get(1));
        }
    }

    private void used(Digest model, long epochSecond) throws IOException {
        Files.setLastModifiedTime(
                folder.resolve("cache/models").resolve(model.hex()).resolve("model.json"),
                FileTime.from(Instant.ofEpochSecond(epochSecond)));
    }
}
