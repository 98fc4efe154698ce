package health.vantage.models.artifact.cache;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pull that ends after its first change to the disk, after its second, and so on to its last. */
class CrashAtEveryStepTest {
    @TempDir
    Path folder;

    /** Layers one after the other: which change is the n-th must not depend on the scheduler. */
    private static NodeCache open(Path root) {
        CacheLimits usual = CacheLimits.defaults();
        return NodeCache.open(
                root,
                new CacheLimits(
                        0, usual.mostLayerBytes(), usual.mostFiles(), usual.mostRatio(), 1, Watermarks.NO_SPARE));
    }

    @Test
    void whateverIsLeftIsAWholeModelOrNoneAndTheNextPullEndsClean() {
        Repository repository = Models.layout(folder);
        Digest model = Models.push(repository, folder.resolve("work"), Models.metadata("1.0.0", "jetson", "cv3"));
        var counted = new FailingDisk(folder, Integer.MAX_VALUE);
        try (var cache = open(counted.wrap(folder.resolve("whole")))) {
            cache.pull(repository, model, PullListener.NONE);
        }
        // Making the cache's own folders is counted there and not below, where they exist already.
        int most = counted.changes();
        assertThat(most).as("changes of one pull").isBetween(40, 400);
        assertThat(crashes(repository, model, most)).isFalse();
        // Each in a folder of its own; most of the time is spent waiting for the disk.
        long crashed = IntStream.range(0, most)
                .parallel()
                .filter(changes -> crashes(repository, model, changes))
                .count();
        assertThat(crashed).as("pulls that did not end").isBetween(most - 10L, (long) most);
    }

    /** False if the pull needed no more changes than these. */
    private boolean crashes(Repository repository, Digest model, int changes) {
        Path root = folder.resolve("cache-" + changes);
        try (var whole = open(root)) {
            assertThat(whole.contents()).isEmpty();
        }
        var disk = new FailingDisk(root, changes);
        try (var cut = open(disk.wrap(root))) {
            cut.pull(repository, model, PullListener.NONE);
            assertThat(disk.failed()).isFalse();
            return false;
        } catch (RuntimeException e) {
            assertThat(disk.failed()).as("after %d changes: %s", changes, e).isTrue();
        }
        try (var after = open(root)) {
            if (after.find(model).isPresent()) {
                assertThat(after.verify(model).weights()).hasSize(2);
            }
            after.pull(repository, model, PullListener.NONE);
            assertThat(after.verify(model).weights()).hasSize(2);
            after.prune(Set.of(model));
            for (String part : List.of("partial", "staging", "claims")) {
                assertThat(root.resolve(part))
                        .as("%s after %d changes", part, changes)
                        .isEmptyDirectory();
            }
        }
        return true;
    }
}
