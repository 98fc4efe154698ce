package health.vantage.models.artifact.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A containerd of its own in a folder of the test, as a node's kubelet would use it; and the client that talks to it. */
final class Containerd implements AutoCloseable {
    private final Process process;
    private final Tool client;
    private final Path socket;

    private Containerd(Process process, Tool client, Path socket) {
        this.process = process;
        this.client = client;
        this.socket = socket;
    }

    /** Skips the test, saying what is missing, where there is no containerd or it may not mount. */
    static Containerd start(String suite, Path folder) throws IOException {
        Tool daemon = Tool.find("containerd-" + suite, folder);
        Tool client = Tool.find("ctr-" + suite, folder);
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "containerd mounts images only as root, and this is " + System.getProperty("user.name"));
        // A socket's path must be short, and the test's folder may not be.
        Path sockets = Files.createTempDirectory("ctrd");
        Path socket = sockets.resolve("c.sock");
        Path config = Files.writeString(folder.resolve("containerd.toml"), """
                version = 2
                root = "%s"
                state = "%s"
                disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images",
                    "io.containerd.cri.v1.runtime", "io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt"]
                [grpc]
                address = "%s"
                [ttrpc]
                address = "%s.ttrpc"
                """.formatted(
                        folder.resolve("containerd-root"), folder.resolve("containerd-state"), socket, socket));
        Path log = folder.resolve("containerd.log");
        Process process = daemon.begin(log, "--config", config);
        var containerd = new Containerd(process, client, socket);
        try {
            Awaitility.await("containerd answers, see " + log)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> process.isAlive()
                            && client.attempt("--address", socket, "version").exit() == 0);
        } catch (RuntimeException e) {
            containerd.close();
            throw new AssertionError(Files.readString(log), e);
        }
        return containerd;
    }

    String ctr(Object... arguments) {
        return client.run(with(arguments));
    }

    Tool.Result attempt(Object... arguments) {
        return client.attempt(with(arguments));
    }

    private Object[] with(Object... arguments) {
        Object[] all = new Object[arguments.length + 2];
        all[0] = "--address";
        all[1] = socket;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return all;
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try (var left = Files.list(socket.getParent())) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(socket.getParent());
    }
}
