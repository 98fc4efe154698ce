package health.vantage.models.artifact.cache;

import static health.vantage.models.artifact.testing.StubRegistry.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pulls in a process of their own, killed with SIGKILL. A stub serves the model, because the kill has to come at a known
 * byte.
 */
class KilledPullTest {
    private static final String PATH = "/v2/vantage/retina-seg";

    @TempDir
    Path folder;

    private StubRegistry stub;
    private Digest model;
    private Descriptor layer;
    private byte[] content;

    @BeforeEach
    void serve() throws IOException {
        stub = new StubRegistry();
        Repository layout = Models.layout(folder);
        model = Models.push(layout, folder.resolve("work"), Models.metadata("1.0.0", "jetson", "cv3"));
        FetchedManifest fetched = layout.manifest(model);
        stub.on("GET " + PATH + "/manifests/" + model, body(200, fetched.bytes(), "Content-Type", fetched.mediaType()));
        Manifest.Artifact manifest = (Manifest.Artifact) fetched.parsed();
        for (Descriptor blob : manifest.layers()) {
            stub.on(blobs(blob), StubRegistry.ranged(layout.smallBlob(blob, 1 << 20)));
        }
        stub.on(blobs(manifest.config()), StubRegistry.ranged(layout.smallBlob(manifest.config(), 1 << 20)));
        layer = manifest.layers().getFirst();
        content = layout.smallBlob(layer, 1 << 20);
    }

    private static String blobs(Descriptor blob) {
        return "GET " + PATH + "/blobs/" + blob.digest();
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private String repository() {
        return stub.host() + "/vantage/retina-seg";
    }

    private Path partial() {
        return folder.resolve("cache/partial").resolve(layer.digest().hex());
    }

    /** Bytes of the layer that are on the disk: a tar's header is kept apart from its file. */
    private long downloaded() {
        return size(partial()) + size(partial().resolveSibling(layer.digest().hex() + ".head"));
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Sends up to a byte, then nothing until the latch opens. */
    private StubRegistry.Answer stopsAt(int end, CountDownLatch until) {
        return (HttpExchange exchange) -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
            if (range != null) {
                exchange.getResponseHeaders()
                        .add("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
            exchange.getResponseBody().write(content, from, Math.max(0, end - from));
            exchange.getResponseBody().flush();
            try {
                until.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    @Test
    void aPullKilledAgainAndAgainMovesEveryByteOnceAndEndsWhole() throws Exception {
        var never = new CountDownLatch(1);
        for (int end : new int[] {50_000, 120_000, 280_000}) {
            stub.on(blobs(layer), stopsAt(end, never));
            Process pull = PullProgram.start(folder.resolve("cache"), repository(), model);
            await().atMost(Duration.ofSeconds(30)).until(() -> downloaded() >= end);
            pull.destroyForcibly();
            assertThat(pull.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        stub.on(blobs(layer), StubRegistry.ranged(content));
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            assertThat(cache.find(model)).isEmpty();
            cache.pull(Models.open(repository()), model, PullListener.NONE);
            assertThat(cache.verify(model).weights()).hasSize(2);
        }
        never.countDown();
        assertThat(stub.seen().stream().filter(s -> s.startsWith(blobs(layer))))
                .containsExactly(
                        blobs(layer),
                        blobs(layer) + " bytes=50000-",
                        blobs(layer) + " bytes=120000-",
                        blobs(layer) + " bytes=280000-");
    }

    @Test
    void twoProcessesThatPullTheSameModelMoveItOnce() throws Exception {
        var gate = new CountDownLatch(1);
        stub.on(blobs(layer), stopsAt(100_000, gate), StubRegistry.ranged(content));
        Process first = PullProgram.start(folder.resolve("cache"), repository(), model);
        await().atMost(Duration.ofSeconds(30)).until(() -> downloaded() >= 100_000);
        Process second = PullProgram.start(folder.resolve("cache"), repository(), model);
        Process third = PullProgram.start(folder.resolve("cache"), repository(), model);
        // The cut-off body makes the first go on by itself; the others wait for its lock.
        gate.countDown();
        for (Process process : new Process[] {first, second, third}) {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        assertThat(stub.seen().stream().filter(s -> s.startsWith(blobs(layer))))
                .containsExactly(blobs(layer), blobs(layer) + " bytes=100000-");
        try (var cache = NodeCache.open(folder.resolve("cache"), CacheLimits.defaults())) {
            assertThat(cache.verify(model).weights()).hasSize(2);
        }
    }

    @Test
    void pruningSparesAPullThatAnotherProcessIsIn() throws Exception {
        var gate = new CountDownLatch(1);
        stub.on(blobs(layer), stopsAt(100_000, gate), StubRegistry.ranged(content));
        Process pull = PullProgram.start(folder.resolve("cache"), repository(), model);
        await().atMost(Duration.ofSeconds(30)).until(() -> downloaded() >= 100_000);
        try (var cache = NodeCache.open(folder.resolve("cache"), CacheLimits.defaults())) {
            cache.prune(Set.of());
            assertThat(partial()).exists();
            gate.countDown();
            assertThat(pull.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(cache.verify(model).weights()).hasSize(2);
        }
    }

    @Test
    void pruningRemovesWhatAKilledPullLeft() throws Exception {
        stub.on(blobs(layer), stopsAt(100_000, new CountDownLatch(1)));
        Process pull = PullProgram.start(folder.resolve("cache"), repository(), model);
        await().atMost(Duration.ofSeconds(30)).until(() -> downloaded() >= 100_000);
        pull.destroyForcibly();
        assertThat(pull.waitFor(10, TimeUnit.SECONDS)).isTrue();
        try (var cache = NodeCache.open(folder.resolve("cache"), CacheLimits.defaults())) {
            cache.prune(Set.of(model));
            assertThat(partial()).as("a model that is wanted keeps its part").exists();
            cache.prune(Set.of());
            assertThat(partial()).doesNotExist();
        }
    }
}
