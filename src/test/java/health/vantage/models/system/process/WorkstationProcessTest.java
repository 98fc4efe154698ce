package health.vantage.models.system.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import health.vantage.models.runner.samples.SigningKey;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runner serve --config} as real processes over an OCI layout folder; no Kubernetes. */
final class WorkstationProcessTest {
    private static final String MODEL = "retina-seg";
    private static final long[] FOUR = {4};

    @TempDir
    Path folder;

    private SampleRepository repository;

    @BeforeEach
    void layout() {
        repository = SampleRepository.layout(folder, MODEL);
    }

    @Test
    void aMovedTagIsFollowedAndABadVersionNeitherServesNorIsTriedTwice() throws Exception {
        promoted(repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR));
        try (RunnerChild runner = serve("soak: 0s")) {
            runner.awaitLog("ready: serving [retina-seg]");
            assertThat(version(runner)).isEqualTo("1.0.0");

            promoted(repository.push("2.0.0", OnnxModels.scale(2, 4), FOUR, FOUR));
            awaitVersion(runner, "2.0.0");

            Digest bad = promoted(repository.pushScripted("3.0.0", "crash"));
            runner.awaitLog("crashed the process");
            promoted(repository.push("4.0.0", OnnxModels.scale(4, 4), FOUR, FOUR));
            awaitVersion(runner, "4.0.0");
            assertThat(runner.log().split("Activate 3.0.0", -1))
                    .as("attempts with %s in %s", bad, runner.log())
                    .hasSize(2);
        }
    }

    @Test
    void aVersionThatFailsInItsSoakIsTurnedBackAndStaysAway() throws Exception {
        promoted(repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR));
        try (RunnerChild runner = serve("soak: 0s")) {
            awaitVersion(runner, "1.0.0");
            runner.awaitLog("Confirm 1.0.0");
        }
        promoted(repository.push("2.0.0", OnnxModels.failsAbove(0.5f, 4), FOUR, FOUR));
        try (RunnerChild runner = serve("soak: 1h")) {
            runner.awaitLog("Activate 2.0.0");
            // Every request fails on the new version: from the first failure on it serves.
            await().atMost(Duration.ofSeconds(60)).until(() -> fails(runner));
            await().atMost(Duration.ofSeconds(60)).until(() -> !fails(runner));

            assertThat(version(runner)).isEqualTo("1.0.0");
            assertThat(runner.log().split("Activate 2.0.0", -1)).hasSize(2);
        }
        try (RunnerChild again = serve("soak: 1h")) {
            again.awaitLog("ready: serving [retina-seg]");
            assertThat(version(again)).isEqualTo("1.0.0");
            assertThat(again.log()).doesNotContain("Activate 2.0.0");
        }
    }

    @Test
    void afterAPrefetchItStartsWithoutItsRegistry() throws Exception {
        String key = SigningKey.pem();
        Digest signed = promoted(repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR));
        Signer signer = Signer.of(key);
        signer.signV3(repository.repository(), signed);
        Files.writeString(folder.resolve("cosign.pub"), signer.publicKeyPem());
        try (RunnerChild prefetch = RunnerChild.prefetch(folder, config("publicKeys: [cosign.pub]"))) {
            assertThat(prefetch.exit()).as(prefetch.log()).isZero();
            assertThat(prefetch.log()).contains("retina-seg: 1.0.0 " + signed);
        }
        Files.move(folder.resolve(MODEL), folder.resolve("unplugged"));

        try (RunnerChild runner = serve("publicKeys: [cosign.pub]")) {
            awaitVersion(runner, "1.0.0");
        }
    }

    @Test
    void aPrefetchWithoutASignatureSaysSoAndFails() throws Exception {
        promoted(repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR));
        Files.writeString(
                folder.resolve("cosign.pub"), Signer.of(SigningKey.pem()).publicKeyPem());

        try (RunnerChild prefetch = RunnerChild.prefetch(folder, config("publicKeys: [cosign.pub]"))) {
            assertThat(prefetch.exit()).isEqualTo(1);
            assertThat(prefetch.log()).contains("retina-seg: NoSignature");
        }
    }

    @Test
    void aFileWithAMistakeEndsTheProcessWithThePath() throws Exception {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), "{variant: x, models: [{version: '1.x'}]}");

        try (RunnerChild runner = RunnerChild.start(folder, Map.of(), "--config=" + file)) {
            assertThat(runner.exit()).isEqualTo(1);
            assertThat(runner.log()).contains(file + ": models[0].repository: is missing");
        }
    }

    /** Moves the capability's tag there. */
    private Digest promoted(Digest digest) {
        new ModelPusher(repository.repository()).promote(digest);
        return digest;
    }

    private RunnerChild serve(String line) throws IOException {
        return RunnerChild.start(folder, Map.of(), "--config=" + config(line));
    }

    private Path config(String line) throws IOException {
        return Files.writeString(folder.resolve("models.yaml"), """
                variant: cpu
                poll: 200ms
                %s
                models:
                  - repository: %s
                    capabilities: [sample]
                """.formatted(line, repository.reference()));
    }

    private static void awaitVersion(RunnerChild runner, String version) {
        runner.awaitLog("ready: serving [retina-seg]");
        await().atMost(Duration.ofSeconds(60)).until(() -> version(runner).equals(version));
    }

    private static String version(RunnerChild runner) {
        return runner.stub()
                .withWaitForReady()
                .infer(RunnerUnderTest.request(MODEL, Floats.bytes(0, 0, 0, 0), Map.of()))
                .getModelVersion();
    }

    private static boolean fails(RunnerChild runner) {
        try {
            runner.stub().withWaitForReady().infer(RunnerUnderTest.request(MODEL, Floats.bytes(1, 1, 1, 1), Map.of()));
            return false;
        } catch (StatusRuntimeException e) {
            return true;
        }
    }
}
