package health.vantage.models.artifact.testing;

import health.vantage.models.artifact.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Debian's docker-registry as a process on a free port of the loopback, with its data in a folder of the test. */
public final class RegistryProcess implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");

    private final Process process;
    private final int port;
    private final Path data;
    private final Path log;

    private RegistryProcess(Process process, int port, Path data, Path log) {
        this.process = process;
        this.port = port;
        this.data = data;
        this.log = log;
    }

    public static RegistryProcess start(Path folder) throws IOException {
        return start(folder, Map.of());
    }

    /** @param environment more settings, in the registry's own form: {@code REGISTRY_AUTH=htpasswd} */
    public static RegistryProcess start(Path folder, Map<String, String> environment) throws IOException {
        if (!Files.isExecutable(PROGRAM)) {
            throw new AssertionError(
                    "These tests need a real registry: install it with 'apt-get install docker-registry apache2-utils'");
        }
        int port = freePort();
        Path data = Files.createDirectories(folder.resolve("registry-data"));
        Path config = folder.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                log: {level: error, accesslog: {disabled: false}}
                storage:
                  filesystem: {rootdirectory: %s}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(data, port));
        Path log = folder.resolve("registry.log");
        var builder = new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("OTEL_TRACES_EXPORTER", "none");
        builder.environment().putAll(environment);
        var registry = new RegistryProcess(builder.start(), port, data, log);
        Awaitility.await("the registry answers on " + registry.host())
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(registry::answers);
        return registry;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new AssertionError(
                    "The registry ended with " + process.exitValue() + "; see registry.log beside " + data);
        }
        try {
            var connection = (HttpURLConnection)
                    URI.create("http://" + host() + "/v2/").toURL().openConnection();
            return connection.getResponseCode() < 500;
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code 127.0.0.1:port} */
    public String host() {
        return "127.0.0.1:" + port;
    }

    /** The uploads of a repository that are neither finished nor cancelled, as folders of the registry's disk. */
    public List<Path> openUploads(String repository) {
        Path uploads = data.resolve("docker/registry/v2/repositories")
                .resolve(repository)
                .resolve("_uploads");
        if (!Files.exists(uploads)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(uploads)) {
            return found.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As if they had expired. */
    public void dropUploads(String repository) {
        openUploads(repository).forEach(upload -> {
            try {
                DurableFiles.deleteTree(upload);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Every request as the registry's access log has it: {@code "PUT /v2/... HTTP/1.1" 201 ...}. */
    public List<String> requests() {
        try {
            return Files.readAllLines(log).stream()
                    .filter(line -> line.contains(" HTTP/1.1\" "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file in which the registry keeps a blob, for tests that damage it. */
    public Path blobFile(String hex) {
        return data.resolve("docker/registry/v2/blobs/sha256")
                .resolve(hex.substring(0, 2))
                .resolve(hex)
                .resolve("data");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
