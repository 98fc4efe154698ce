package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.cache.Watermarks;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.samples.SampleRepository;
import health.vantage.models.runner.store.ArtifactStore;
import health.vantage.models.runner.store.ModelStore;
import health.vantage.models.runner.store.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which versions stay on a node's disk, and how one that is wanted gets room. */
class FullCacheTest {
    private static final String MODEL = "retina-seg";
    private static final long[] FOUR = {4};
    private static final Watermarks ROOMY = new Watermarks(1L << 40, 1L << 39);

    @TempDir
    Path folder;

    private final List<Digest> versions = new ArrayList<>();
    private final AtomicBoolean full = new AtomicBoolean();
    private SampleRepository repository;
    private RunnerUnderTest runner;
    private NodeCache cache;
    private StatusBoard board;
    private NodeRunner node;

    @BeforeEach
    void push() throws Exception {
        repository = SampleRepository.layout(folder, MODEL);
        for (int i = 1; i <= 6; i++) {
            versions.add(repository.push(i + ".0.0", OnnxModels.scale(i, 4), FOUR, FOUR));
        }
    }

    private void begin(Watermarks marks) throws IOException {
        Path own = Files.createDirectories(folder.resolve("node"));
        runner = new RunnerUnderTest(own);
        cache = NodeCache.open(
                own.resolve("cache"),
                CacheLimits.defaults().withKeepFreeBytes(0).withWatermarks(marks));
        board = new StatusBoard(Instant.now());
        var repositories = new Repositories(RegistryOptions.defaults());
        NodeParts parts = new NodeParts(
                runner.serving(),
                new FillableStore(new ArtifactStore(repositories, cache), full),
                Journal.open(own.resolve("journal")),
                new Preflight(Preflight.Limits.defaults(), 1),
                Clock.systemUTC());
        node = new NodeRunner(parts, board, () -> true, Duration.ofMinutes(5));
        node.restore(false);
    }

    @AfterEach
    void end() throws Exception {
        node.stop();
        runner.close();
    }

    /** A disk that has no room until some is made: none can be filled by a test without hurting others. */
    private record FillableStore(ModelStore store, AtomicBoolean full) implements ModelStore {
        @Override
        public StoredModel fetch(String repository, Digest digest, TrustPolicy policy, PullListener listener) {
            if (full.get()) {
                throw new DiskFull("there is no room", null);
            }
            return store.fetch(repository, digest, policy, listener);
        }

        @Override
        public StoredModel verified(Digest digest) {
            return store.verified(digest);
        }

        @Override
        public Optional<String> format(Digest digest) {
            return store.format(digest);
        }

        @Override
        public void prune(Set<Digest> keep) {
            store.prune(keep);
        }

        @Override
        public void makeRoom(Set<Digest> keep) {
            store.makeRoom(keep);
            full.set(false);
        }

        @Override
        public Contents contents() {
            return store.contents();
        }
    }

    private void confirm(int version) throws InterruptedException {
        Digest target = versions.get(version - 1);
        node.apply(List.of(new ModelInstruction(
                MODEL,
                new DeploymentRef("imaging", MODEL, "uid"),
                (long) version,
                Step.Confirm,
                new ArtifactRef(repository.reference(), target.toString(), null, "any", 0L, 0L),
                null,
                List.of(),
                Verification.NONE,
                0,
                true,
                3,
                0.01)));
        await().atMost(Duration.ofSeconds(30)).until(() -> board.states().stream()
                .anyMatch(state -> state.state() == State.Confirmed && state.epoch() == version));
        await().until(() -> node.idle(MODEL));
    }

    private List<Digest> cached() {
        return cache.contents().stream().map(CachedModel::digest).toList();
    }

    private Digest[] from(int first, int last) {
        return versions.subList(first - 1, last).toArray(Digest[]::new);
    }

    @Test
    void withoutMarksTheVersionsToReturnToStayAndNoOthers() throws Exception {
        begin(Watermarks.NO_SPARE);
        for (int version = 1; version <= 5; version++) {
            confirm(version);
        }
        // The active one and as many before it as the history holds.
        assertThat(cached()).containsExactlyInAnyOrder(from(2, 5));
    }

    @Test
    void belowTheHighMarkAllStayAndAboveItOnlyThoseToReturnTo() throws Exception {
        begin(ROOMY);
        for (int version = 1; version <= 5; version++) {
            confirm(version);
        }
        assertThat(cached()).containsExactlyInAnyOrder(from(1, 5));
        end();

        begin(new Watermarks(1, 1));
        confirm(6);
        assertThat(cached())
                .as("more than the marks allow, and all of it needed")
                .containsExactlyInAnyOrder(from(3, 6));
    }

    @Test
    void aVersionThatFindsNoRoomGetsThatOfThoseKeptToSpare() throws Exception {
        begin(ROOMY);
        for (int version = 1; version <= 5; version++) {
            confirm(version);
        }
        full.set(true);
        confirm(6);
        assertThat(full).isFalse();
        assertThat(cached()).containsExactlyInAnyOrder(from(2, 6));
    }
}
