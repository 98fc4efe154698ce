package health.vantage.models.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real OCI registry (Debian's docker-registry) on 127.0.0.1 without TLS, with a storage folder and a port of its own, and
 * with deletion enabled. It can be stopped and started again on the same port with what it holds.
 */
public final class LocalRegistry implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final Duration STOP_GRACE = Duration.ofSeconds(2);

    private final Path program;
    private final Path folder;
    private final int port = LoopbackPort.free();
    private LocalProcess process;

    private LocalRegistry(Path program, Path folder) {
        this.program = program;
        this.folder = folder;
    }

    /** One that anybody may read and write. */
    public static LocalRegistry start(Assets assets, Path folder) {
        return start(assets, folder, Optional.empty());
    }

    /**
     * One that asks for a user and password (Basic).
     *
     * @param htpasswd lines {@code user:bcrypt}, as {@code htpasswd -nbB user password} prints them
     */
    public static LocalRegistry startWithUsers(Assets assets, Path folder, String htpasswd) {
        return start(assets, folder, Optional.of(htpasswd));
    }

    private static LocalRegistry start(Assets assets, Path folder, Optional<String> htpasswd) {
        var registry = new LocalRegistry(assets.program("docker-registry"), folder);
        registry.configure(htpasswd);
        registry.start();
        return registry;
    }

    /** {@code 127.0.0.1:PORT}, as it stands at the start of a reference. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    public URI url() {
        return URI.create("http://" + host());
    }

    /** One line for each request that it answered, as web servers write them. */
    public String accessLog() {
        try {
            return Files.readString(folder.resolve("registry.log"));
        } catch (IOException e) {
            throw new UncheckedIOException("The registry's log cannot be read", e);
        }
    }

    /** The file that holds a blob or a manifest, to damage. @param digest {@code sha256:...} */
    public Path blob(String digest) {
        String hex = digest.replace("sha256:", "");
        return folder.resolve("registry/docker/registry/v2/blobs/sha256")
                .resolve(hex.substring(0, 2))
                .resolve(hex)
                .resolve("data");
    }

    /** Goes down at once, in the middle of transfers. */
    public synchronized void stop() {
        if (process != null) {
            process.kill();
            process = null;
        }
    }

    /** Comes up on the same port with what it held; returns when it answers. */
    public synchronized void start() {
        if (process != null) {
            return;
        }
        process = LocalProcess.start(
                "docker-registry",
                List.of(
                        program.toString(),
                        "serve",
                        folder.resolve("registry.yml").toString()),
                Map.of("PATH", "/usr/bin:/bin"),
                folder,
                folder.resolve("registry.log"));
        Await.until("the registry answers at " + url(), START_LIMIT, this::answers, process::account);
    }

    @Override
    public synchronized void close() {
        if (process != null) {
            process.stop(STOP_GRACE);
            process = null;
        }
    }

    private void configure(Optional<String> htpasswd) {
        try {
            Path storage = Files.createDirectories(folder.resolve("registry"));
            String access = "";
            if (htpasswd.isPresent()) {
                Path users = Kubeconfig.write(folder.resolve("htpasswd"), htpasswd.get());
                access = "auth: {htpasswd: {realm: system, path: \"" + users + "\"}}\n";
            }
            Files.writeString(folder.resolve("registry.yml"), """
                    version: 0.1
                    log: {level: warn}
                    storage:
                      filesystem: {rootdirectory: "%s"}
                      delete: {enabled: true}
                    http: {addr: "%s"}
                    %s""".formatted(storage, host(), access));
        } catch (IOException e) {
            throw new UncheckedIOException("The registry's folder " + folder + " cannot be prepared", e);
        }
    }

    private boolean answers() {
        try (var http = HttpClient.newHttpClient()) {
            var ping = HttpRequest.newBuilder(url().resolve("/v2/"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            int status = http.send(ping, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status == 200 || status == 401;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
