package health.vantage.models.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Answers without an end, values without number, archives that unpack to the disk's size: all read in a process with a heap
 * of 64 MiB, which must refuse each of them and live. The registries are stubs in this process, since no real one lies so.
 */
class BoundedMemoryTest {
    private static final String NAME = "/v2/vantage/retina-seg";

    @TempDir
    Path folder;

    private final Map<String, StubRegistry> stubs = new LinkedHashMap<>();

    private StubRegistry stub(String kind) throws IOException {
        var stub = new StubRegistry();
        stubs.put(kind, stub);
        return stub;
    }

    /** A body that begins so and goes on for as long as somebody reads. */
    private static StubRegistry.Answer endless(int status, String head, String again, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, 0);
            write(exchange, head, again);
        };
    }

    private static void write(HttpExchange exchange, String head, String again) {
        byte[] chunk = again.repeat(1 + (64 << 10) / again.length()).getBytes();
        try (var body = exchange.getResponseBody()) {
            body.write(head.getBytes());
            while (!Thread.currentThread().isInterrupted()) {
                body.write(chunk);
            }
        } catch (IOException e) {
            // The reader has had enough: that is what is tested.
        }
    }

    private void serve() throws IOException {
        stub("manifest").on("GET " + NAME + "/manifests/latest", endless(200, "{\"a\":\"", "x"));
        String values = "{\"schemaVersion\":2,\"layers\":[" + "{},".repeat((4 << 20) / 3 - 100) + "{}]}";
        stub("manifest-values")
                .on(
                        "GET " + NAME + "/manifests/latest",
                        StubRegistry.body(200, values.getBytes(), "Content-Type", MediaTypes.OCI_MANIFEST));
        stub("error").on("GET " + NAME + "/manifests/latest", endless(400, "{\"errors\":[{\"message\":\"", "x"));
        StubRegistry token = stub("token");
        token.on(
                        "GET " + NAME + "/manifests/latest",
                        StubRegistry.status(
                                401, "WWW-Authenticate", "Bearer realm=\"http://" + token.host() + "/token\""))
                .on("GET /token", endless(200, "{\"token\":\"", "x"));
        stub("tags").on("GET " + NAME + "/tags/list", endless(200, "{\"tags\":[\"a\"", ",\"a\""));
        String tags = "{\"tags\":[" + "{},".repeat((15 << 20) / 3) + "{}]}";
        stub("tags-values").on("GET " + NAME + "/tags/list", StubRegistry.body(200, tags.getBytes()));
        StubRegistry pages = stub("pages");
        pages.on("GET " + NAME + "/tags/list", exchange -> {
            int page = pages.seen().size();
            var body = new StringBuilder("{\"tags\":[\"x\"");
            for (int i = 0; i < 5000; i++) {
                body.append(",\"p").append(page).append('-').append(i).append('"');
            }
            StubRegistry.body(
                            200,
                            body.append("]}").toString().getBytes(),
                            "Link",
                            "<" + NAME + "/tags/list?last=" + page + ">; rel=\"next\"")
                    .to(exchange);
        });
        Digest none = Digest.of("none".getBytes());
        stub("referrers").on("GET " + NAME + "/referrers/" + none, endless(200, "{\"manifests\":[", "{},"));
        stub("blob").on("GET " + NAME + "/blobs/" + none, endless(200, "", "x"));
    }

    @Test
    void whateverIsServedAProcessWithASmallHeapRefusesItAndLives() throws Exception {
        serve();
        String hosts = stubs.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue().host())
                .collect(Collectors.joining(","));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BoundedMemoryProgram.class.getName(),
                        hosts,
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS))
                    .as(Files.readString(log))
                    .isTrue();
        } finally {
            process.destroyForcibly();
            stubs.values().forEach(StubRegistry::close);
        }
        List<String> expected = new ArrayList<>(List.of(
                "manifest refused: UnsupportedArtifact",
                "manifest-values refused: UnsupportedArtifact",
                "error refused: RegistryDenied",
                "token refused: RegistryUnavailable",
                "tags refused: UnsupportedArtifact",
                "tags-values refused: RegistryUnavailable",
                "pages refused: UnsupportedArtifact",
                "referrers refused: UnsupportedArtifact",
                "blob refused: IntegrityMismatch",
                "zstd-bomb refused: InsecureArchive",
                "gzip-bomb refused: InsecureArchive",
                "many-files refused: InsecureArchive",
                "long-name refused: InsecureArchive"));
        assertThat(Files.readAllLines(log)).containsExactlyElementsOf(expected);
        assertThat(process.exitValue()).isZero();
    }
}
