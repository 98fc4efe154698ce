package health.vantage.models.system.process;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real runner, killed with -9 right after each change of its journal on the way from one version to the next, and at the next ones
 * until no change is left. Whatever was written then, the next start serves.
 */
final class KilledAnywhereTest {
    private static final String MODEL = "retina-seg";
    private static final int MOST_CHANGES = 12;
    private static final Duration LOOK = Duration.ofNanos(200_000);

    @TempDir
    Path folder;

    @Test
    void theNextStartServesAndLoadsNoVersionThatAKillCondemned() throws Exception {
        SampleRepository repository = SampleRepository.layout(folder, MODEL);
        Digest one = repository.pushScripted("1.0.0", "answer");
        Digest two = repository.pushScripted("2.0.0", "answer");
        int change = 1;
        boolean left = true;
        while (left) {
            clean(folder.resolve("cache"));
            served(repository, one);
            try (RunnerChild swapping = start(repository, two)) {
                left = awaitChange(swapping, change);
                swapping.kill9();
            }
            assertThat(Journal.open(journal()).find(MODEL))
                    .as("the journal after kill %d", change)
                    .isPresent();

            try (RunnerChild next = start(repository, two)) {
                next.awaitLog("ready: serving");
                String version = next.stub()
                        .withWaitForReady()
                        .infer(RunnerUnderTest.request(MODEL, Floats.bytes(1, 2, 3, 4), Map.of()))
                        .getModelVersion();
                boolean condemned = entry().flatMap(known -> known.refusal(two)).isPresent();
                assertThat(version)
                        .as("after kill %d: %s", change, next.log())
                        .isEqualTo(condemned ? "1.0.0" : "2.0.0");
            }
            change++;
        }
        assertThat(change).as("changes that were seen").isBetween(5, MOST_CHANGES);
    }

    /** As a runner leaves it that has served this version and ended in peace. */
    private void served(SampleRepository repository, Digest digest) {
        try (NodeCache cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository.repository(), digest, PullListener.NONE);
        }
        Journal.open(journal())
                .put(JournalEntry.empty(MODEL)
                        .atEpoch(1, "", digest)
                        .activated(new Version(repository.reference(), digest, "1.0.0"))
                        .confirmedNow(3));
    }

    /** Looks often, since a change may be followed by the next within a millisecond; {@code false} when it serves and nothing changes any more. */
    private boolean awaitChange(RunnerChild runner, int number) {
        Optional<JournalEntry> seen = entry();
        int changes = 0;
        while (changes < number) {
            Optional<JournalEntry> now = entry();
            if (!now.equals(seen)) {
                seen = now;
                changes++;
            } else if (runner.log().contains("ready: serving")) {
                return false;
            }
            // As a spin it would take a core from the runner that it waits for.
            LockSupport.parkNanos(LOOK.toNanos());
        }
        return true;
    }

    private Optional<JournalEntry> entry() {
        return Files.exists(journal()) ? Journal.open(journal()).find(MODEL) : Optional.empty();
    }

    private Path journal() {
        return folder.resolve("cache/journal");
    }

    private RunnerChild start(SampleRepository repository, Digest digest) throws IOException {
        return RunnerChild.start(folder, Map.of(), "--model", repository.reference() + "@" + digest);
    }

    private static void clean(Path cache) throws IOException {
        if (!Files.exists(cache)) {
            return;
        }
        try (Stream<Path> all = Files.walk(cache)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
