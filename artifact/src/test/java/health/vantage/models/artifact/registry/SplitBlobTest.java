package health.vantage.models.artifact.registry;

import static health.vantage.models.artifact.testing.StubRegistry.body;
import static health.vantage.models.artifact.testing.StubRegistry.ranged;
import static health.vantage.models.artifact.testing.StubRegistry.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.pack.Compression;
import health.vantage.models.artifact.pack.ModelFile;
import health.vantage.models.artifact.pack.ModelPacker;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A blob over several connections. */
class SplitBlobTest {
    private static final int CONNECTIONS = 3;
    private static final byte[] CONTENT = Models.noise(11, 5 * SplitBlob.PART + 12_345);
    private static final Descriptor BLOB = Descriptor.of("application/octet-stream", CONTENT);
    private static final String KEY = "GET /v2/vantage/retina-seg/blobs/" + BLOB.digest();

    @TempDir
    Path folder;

    private StubRegistry stub;
    private Repository repository;

    @BeforeEach
    void start() throws IOException {
        stub = new StubRegistry();
        repository = split(stub.host() + "/vantage/retina-seg");
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static Repository split(String reference) {
        return new Repositories(Models.options().withConnectionsPerBlob(CONNECTIONS)).open(Reference.parse(reference));
    }

    private byte[] read(long offset) throws IOException {
        try (InputStream in = repository.openBlob(BLOB, offset)) {
            return in.readAllBytes();
        }
    }

    private List<String> ranges() {
        return stub.seen().stream()
                .map(line -> line.substring(KEY.length()).strip())
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SplitBlob.PART, 3 * SplitBlob.PART + 77})
    void theBytesComeInOrderAndEachOnce(int offset) throws IOException {
        stub.on(KEY, ranged(CONTENT));

        assertThat(read(offset)).isEqualTo(Arrays.copyOfRange(CONTENT, offset, CONTENT.length));
        long asked = stub.seen().size();
        assertThat(asked).isEqualTo((CONTENT.length - offset + SplitBlob.PART - 1) / SplitBlob.PART);
    }

    /** No part is answered before as many as there are connections have been asked for. */
    @Test
    void partsAreFetchedBesideEachOther() throws IOException {
        var together = new CyclicBarrier(CONNECTIONS);
        // The first part is asked for alone: its answer tells whether there are ranges. Six more come in threes.
        byte[] content = Arrays.copyOf(CONTENT, 7 * SplitBlob.PART);
        Descriptor blob = Descriptor.of("application/octet-stream", content);
        stub.on("GET /v2/vantage/retina-seg/blobs/" + blob.digest(), ranged(content), exchange -> {
            meet(together);
            ranged(content).to(exchange);
        });

        try (InputStream in = repository.openBlob(blob, 0)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    private static void meet(CyclicBarrier together) throws IOException {
        try {
            together.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IOException("a part was asked for alone", e);
        }
    }

    @Test
    void aSmallBlobAndTheRestOfALargeOneComeOverOneConnection() throws IOException {
        stub.on(KEY, ranged(CONTENT));

        read(CONTENT.length - SplitBlob.PART);

        assertThat(ranges()).containsExactly("bytes=" + (CONTENT.length - SplitBlob.PART) + "-");
    }

    @Test
    void aRegistryThatDoesNoRangesIsReadOverOneConnection() throws IOException {
        stub.on(KEY, body(200, CONTENT));

        assertThat(read(0)).isEqualTo(CONTENT);
        assertThat(stub.seen()).hasSize(2);
    }

    @Test
    void aPartThatBreaksOffIsTakenUpWhereItBroke() throws IOException {
        var asked = new AtomicInteger();
        stub.on(KEY, exchange -> {
            if (asked.incrementAndGet() % 2 == 1) {
                ranged(CONTENT).to(exchange);
            } else {
                cutOff(exchange, 1_000_000);
            }
        });

        assertThat(read(0)).isEqualTo(CONTENT);
        assertThat(ranges()).anyMatch(range -> {
            long start = Long.parseLong(range.substring("bytes=".length(), range.indexOf('-')));
            return start % SplitBlob.PART > 0;
        });
    }

    /** The right range, of which only so many bytes come. */
    private static void cutOff(HttpExchange exchange, int sent) throws IOException {
        String[] range = exchange.getRequestHeaders()
                .getFirst("Range")
                .substring("bytes=".length())
                .split("-");
        int from = Integer.parseInt(range[0]);
        int last = Integer.parseInt(range[1]);
        exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + last + "/" + CONTENT.length);
        exchange.sendResponseHeaders(206, last + 1 - from);
        exchange.getResponseBody().write(CONTENT, from, Math.min(sent, last + 1 - from));
        exchange.getResponseBody().flush();
    }

    @Test
    void whatIsThereOfAPartThatNeverComesIsNotLostAndTheErrorSaysWhy() {
        long broken = 2L * SplitBlob.PART;
        stub.on(KEY, exchange -> {
            boolean never = exchange.getRequestHeaders().getFirst("Range").startsWith("bytes=" + broken);
            (never ? status(206, "Content-Range", "bytes 7-8/9") : ranged(CONTENT)).to(exchange);
        });

        try (InputStream in = repository.openBlob(BLOB, 0)) {
            assertThat(in.readNBytes((int) broken)).hasSize((int) broken);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(in::read)
                    .withMessage("asked for bytes from " + broken + ", got another range");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRegistryThatRefusesInTheMiddleIsNamed() {
        stub.on(KEY, ranged(CONTENT), status(503));

        assertThatThrownBy(() -> read(0))
                .isInstanceOf(RegistryUnavailable.class)
                .hasMessageContaining("503");
    }

    @Test
    void nothingGoesOnBehindAReaderThatLeft() throws Exception {
        stub.on(KEY, ranged(CONTENT));
        InputStream in = repository.openBlob(BLOB, 0);
        assertThat(in.read()).isGreaterThanOrEqualTo(0);
        in.close();

        for (int i = 0; i < 100 && splitters() > 0; i++) {
            Thread.sleep(Duration.ofMillis(50));
        }
        assertThat(splitters()).isZero();
    }

    private static long splitters() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("split-"))
                .count();
    }

    @Test
    void aModelIsPulledFromARealRegistryThroughSeveralConnections() throws IOException {
        var metadata = Models.metadata("1.0.0", "jetson", "cv3");
        Path weights = Models.file(folder.resolve("work"), "model.onnx", CONTENT);
        try (var registry = RegistryProcess.start(folder.resolve("registry"));
                var cache = NodeCache.open(
                        folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
                var packed = new ModelPacker(Compression.AUTO)
                        .pack(metadata, List.of(ModelFile.of(weights, ModelFile.Kind.WEIGHT)))) {
            Repository real = split(registry.host() + "/vantage/retina-seg");
            Digest digest = new ModelPusher(real).push(packed, List.of());

            CachedModel model = cache.pull(real, digest, PullListener.NONE);

            assertThat(model.folder().resolve("models/model.onnx")).hasBinaryContent(CONTENT);
            assertThat(registry.requests())
                    .filteredOn(line -> line.contains("GET /v2/vantage/retina-seg/blobs/") && line.contains("\" 206 "))
                    .hasSizeGreaterThan(CONNECTIONS);
        }
    }
}
