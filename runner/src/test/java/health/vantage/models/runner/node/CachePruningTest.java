package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.store.ArtifactStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that TensorRT built from a model lie beside the cache, in a folder by the model's digest: nobody else frees them. */
final class CachePruningTest {
    private static final Version SERVES = version("serves");
    private static final Version GOOD = version("last good");
    private static final Version COMING = version("on its way");
    private static final Version GONE = version("nobody wants it");

    @TempDir
    Path folder;

    private Path engines;
    private Journal journal;

    @BeforeEach
    void aModelWithItsWayBackAndItsNext() {
        engines = folder.resolve("engines");
        journal = Journal.open(folder.resolve("journal"));
        journal.put(JournalEntry.empty("retina-seg")
                .activated(SERVES)
                .withLastGood(Optional.of(GOOD))
                .withStaging(Optional.of(COMING)));
    }

    @Test
    void enginesLiveAsLongAsTheirModelIsWanted() throws Exception {
        for (Version each : List.of(SERVES, GOOD, COMING, GONE)) {
            built(each);
        }

        pruning(Optional.of(engines)).prune();

        try (Stream<Path> left = Files.list(engines)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            SERVES.digest().hex(),
                            GOOD.digest().hex(),
                            COMING.digest().hex());
        }
        assertThat(engineOf(SERVES)).hasContent("engine");
    }

    @Test
    void theyMakeRoomWithTheirModels() throws Exception {
        built(GONE);
        built(SERVES);

        pruning(Optional.of(engines)).makeRoom();

        assertThat(engineOf(GONE).getParent()).doesNotExist();
        assertThat(engineOf(SERVES)).exists();
    }

    @Test
    void withoutEnginesThereIsNothingToDo() throws Exception {
        built(GONE);

        pruning(Optional.empty()).prune();
        pruning(Optional.of(folder.resolve("never made"))).prune();

        assertThat(engineOf(GONE)).exists();
    }

    private CachePruning pruning(Optional<Path> builtEngines) throws IOException {
        NodeCache cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
        return new CachePruning(
                journal, new ArtifactStore(new Repositories(RegistryOptions.defaults()), cache), builtEngines);
    }

    private Path engineOf(Version of) {
        return engines.resolve(of.digest().hex()).resolve("TensorrtExecutionProvider_0.engine");
    }

    private void built(Version of) throws IOException {
        Files.createDirectories(engineOf(of).getParent().resolve("timing"));
        Files.writeString(engineOf(of), "engine");
    }

    private static Version version(String name) {
        return new Version("registry.test/models/retina-seg", Digest.of(name.getBytes(StandardCharsets.UTF_8)), name);
    }
}
