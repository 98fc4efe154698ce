package health.vantage.models.runner.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: a shell in place of an engine. */
final class EngineProcessTest {
    @TempDir
    Path folder;

    private EngineProcess process;

    @AfterEach
    void end() {
        if (process != null) {
            process.kill();
        }
    }

    @Test
    void stoppingAsksFirstAndWaitsForItsOwnEnd() throws Exception {
        start("trap 'echo goodbye; exit 7' TERM; echo up; while :; do sleep 0.1; done");
        await().until(() -> process.pids().size() > 1);

        process.stop(Duration.ofSeconds(20));

        assertThat(process.obituary()).contains("exit code 7").contains("goodbye");
    }

    @Test
    void whatDoesNotListenIsKilledWithEverythingItStarted() throws Exception {
        start("trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & while :; do sleep 1; done");
        await().until(() -> process.pids().size() > 3);
        List<Long> all = process.pids();

        process.stop(Duration.ofMillis(200));

        assertThat(process.alive()).isFalse();
        await().untilAsserted(() -> assertThat(all).noneMatch(EngineProcessTest::lives));
    }

    @Test
    void workersThatADeadEngineLeftAreKilled() throws Exception {
        Path go = folder.resolve("go");
        start("sleep 600 & while [ ! -e " + go + " ]; do sleep 0.1; done; kill -KILL $$");
        await().until(() -> process.pids().size() > 3);
        List<Long> all = process.pids();
        Files.createFile(go);

        assertThat(process.awaitEnd(Duration.ofSeconds(20))).isTrue();

        await().untilAsserted(() -> assertThat(all).noneMatch(EngineProcessTest::lives));
        assertThat(process.obituary()).contains("SIGKILL");
    }

    @Test
    void aProgramThatIsNotThereIsNamedSo() throws Exception {
        process = EngineProcess.start(List.of("/no/such/program"), Map.of(), "test");

        assertThat(process.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(process.obituary()).contains("was not found").contains("/no/such/program");
    }

    @Test
    void itsMemoryIsThatOfAllItsProcesses() throws Exception {
        start("sleep 600 & sleep 600 & wait");
        await().until(() -> process.pids().size() > 3);

        assertThat(process.memoryMiB()).isBetween(0L, 200L);
    }

    @Test
    void argumentsAreNeverReadByAShell() throws Exception {
        process = EngineProcess.start(List.of("echo", "$(id)", "; touch x"), Map.of(), "test");

        assertThat(process.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(process.obituary()).contains("$(id) ; touch x");
    }

    @Test
    void itSeesItsOwnEnvironmentAndNotTheRunnersSettings() throws Exception {
        process =
                EngineProcess.start(List.of("sh", "-c", "echo \"<$CLASSPATH><$MINE>\""), Map.of("MINE", "yes"), "test");

        assertThat(process.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(process.obituary()).contains("<><yes>");
    }

    private void start(String script) throws IOException {
        process = EngineProcess.start(List.of("sh", "-c", script), Map.of(), "test");
    }

    private static boolean lives(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }
}
