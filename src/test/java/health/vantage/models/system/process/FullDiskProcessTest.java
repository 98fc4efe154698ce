package health.vantage.models.system.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real runner processes on a disk that is really full, journal and cache. */
final class FullDiskProcessTest {
    private static final String MODEL = "retina-seg";
    private static final int MIB = 8;

    @TempDir
    Path folder;

    private SampleRepository repository;
    private Digest good;
    private Optional<SmallDisk> disk;

    @BeforeEach
    void mount() throws Exception {
        repository = SampleRepository.layout(folder, MODEL);
        good = repository.pushScripted("1.0.0", "answer");
        disk = SmallDisk.mount(Files.createDirectory(folder.resolve("cache")), MIB);
        Assumptions.assumeTrue(
                disk.isPresent(), "a small disk is missing: this user may not run unshare -rm and mount a tmpfs");
        try (RunnerChild runner = start(good)) {
            runner.awaitLog("ready: serving");
            runner.term();
            assertThat(runner.exit()).as(runner.log()).isZero();
        }
        disk.get().fill();
    }

    @AfterEach
    void unmount() {
        disk.ifPresent(SmallDisk::close);
    }

    @Test
    void aRunnerServesWhatItServedBeforeAlsoAfterItWasKilledThere() throws Exception {
        try (RunnerChild runner = start(good)) {
            runner.awaitLog("ready: serving");
            assertThat(version(runner)).isEqualTo("1.0.0");
            assertThat(runner.log()).contains("No space left on device");
            runner.kill9();
        }
        try (RunnerChild again = start(good)) {
            again.awaitLog("ready: serving");
            assertThat(version(again)).isEqualTo("1.0.0");
        }
    }

    @Test
    void aNewVersionWaitsForRoomWhileTheOldOneServes() throws Exception {
        Digest next = repository.pushScripted("2.0.0", "answer");
        try (RunnerChild runner = start(next)) {
            runner.awaitLog("ready: serving");
            assertThat(version(runner)).isEqualTo("1.0.0");

            disk.orElseThrow().makeRoom();

            await().atMost(Duration.ofSeconds(90)).until(() -> version(runner).equals("2.0.0"));
        }
    }

    private RunnerChild start(Digest digest) throws Exception {
        return RunnerChild.startOn(disk.orElseThrow(), folder, "--model", repository.reference() + "@" + digest);
    }

    private static String version(RunnerChild runner) {
        return runner.stub()
                .withWaitForReady()
                .infer(RunnerUnderTest.request(MODEL, Floats.bytes(1, 2, 3, 4), Map.of()))
                .getModelVersion();
    }
}
