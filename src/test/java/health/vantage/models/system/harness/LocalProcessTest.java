package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

    @TempDir
    Path folder;

    /** A JVM of its own, to be killed: starts a process and writes its pid. */
    static final class Owner {
        public static void main(String[] arguments) throws IOException, InterruptedException {
            Path folder = Path.of(arguments[0]);
            var process =
                    LocalProcess.start("owned", List.of("sleep", "1000"), ENVIRONMENT, folder, folder.resolve("log"));
            Files.writeString(folder.resolve("pid.new"), Long.toString(process.pid()));
            Files.move(folder.resolve("pid.new"), folder.resolve("pid"));
            process.exit().join();
        }
    }

    @Test
    void whatAProcessStartedEndsWithIt() throws IOException {
        Path pid = folder.resolve("child");
        LocalProcess parent = LocalProcess.start(
                "parent",
                List.of("sh", "-c", "sleep 1000 & echo $! > child; wait"),
                ENVIRONMENT,
                folder,
                folder.resolve("log"));
        await().atMost(LIMIT).until(() -> Files.exists(pid) && Files.size(pid) > 0);

        parent.kill();

        assertThat(parent.isAlive()).isFalse();
        awaitEnd(pid);
    }

    @Test
    void nothingIsLeftWhenTheTestJvmIsKilled() throws IOException, InterruptedException {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        folder.toString())
                .inheritIO()
                .start();
        Path pid = folder.resolve("pid");
        await().atMost(LIMIT).until(() -> Files.exists(pid));
        assertThat(running(pid)).isTrue();

        jvm.destroyForcibly().waitFor();

        awaitEnd(pid);
    }

    private static void awaitEnd(Path pid) {
        await().atMost(LIMIT).until(() -> !running(pid));
    }

    private static boolean running(Path pid) throws IOException {
        Optional<ProcessHandle> handle =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
        // A process that ended and that nobody has waited for has no command any more.
        return handle.filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().command())
                .isPresent();
    }
}
