package health.vantage.models.runner.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.ModelFolder;
import health.vantage.models.runner.store.StoredModel;
import health.vantage.models.runner.tensor.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each with a real child process; the models that crash do crash. */
final class PreflightTest {
    private static final Preflight.Limits PATIENT = new Preflight.Limits(Duration.ofSeconds(60), 768);
    private static final long[] FOUR = {4};

    @TempDir
    Path folder;

    @Test
    void aModelThatLoadsAndAnswersItsGoldenSamplePasses() throws Exception {
        ModelFolder.write(folder, OnnxModels.scale(2, 4))
                .golden("x", FOUR, Floats.bytes(1, 2, 3, 4), "y", FOUR, Floats.bytes(2, 4, 6, 8));

        PreflightReport report = new Preflight(PATIENT, 1).check(model("onnx", 4), 0, () -> false);

        assertThat(report.passed()).isTrue();
        assertThat(report.message()).isEqualTo("runs on cpu");
    }

    @Test
    void aWrongGoldenAnswerFailsWithTheDifference() {
        ModelFolder.write(folder, OnnxModels.scale(3, 4))
                .golden("x", FOUR, Floats.bytes(1, 2, 3, 4), "y", FOUR, Floats.bytes(2, 4, 6, 8));

        assertFails(PATIENT, model("onnx", 4)).withMessageContaining("differs in 4 of 4 elements");
    }

    @Test
    void aModelThatCrashesTheNativeRuntimeFailsAndThisProcessLives() throws Exception {
        script("crash");

        assertFails(PATIENT, model("gguf", 4)).withMessageContaining("crashed the process (SIGSEGV, in ");
    }

    @Test
    void aModelThatHangsIsEndedAfterTheTimeout() throws Exception {
        script("hang");

        assertFails(new Preflight.Limits(Duration.ofSeconds(2), 768), model("gguf", 4))
                .withMessageContaining("did not load and answer within 2 s");
    }

    @Test
    void aModelThatTakesMoreMemoryThanItDeclaresIsEnded() {
        ModelFolder.write(folder, OnnxModels.memoryHungry(600L << 20));

        assertFails(new Preflight.Limits(Duration.ofSeconds(60), 300), model("onnx", 1))
                .withMessageContaining("MiB of memory, more than the 301 MiB")
                .withMessageContaining("model.vramGB");
    }

    @Test
    void whatTheModelTookIsToldBesideWhatItDeclares() throws Exception {
        ModelFolder.write(folder.resolve("small"), OnnxModels.scale(2, 4));
        ModelFolder.write(folder.resolve("large"), OnnxModels.memoryHungry(25L << 20));

        assertThat(taken("small", 4)).isLessThan(60);
        assertThat(taken("large", 1)).as("two tensors of 100 MiB").isBetween(90L, 400L);
    }

    private long taken(String name, long elements) throws Exception {
        StoredModel model = model("onnx", elements);
        return new Preflight(PATIENT, 1)
                .check(new StoredModel(model.digest(), model.contract(), folder.resolve(name)), 0, () -> false)
                .memoryMiB();
    }

    @Test
    void aTrialNobodyWantsAnyMoreEndsAtOnce() throws Exception {
        script("hang");

        assertThatExceptionOfType(LoadFailure.class)
                .isThrownBy(() -> new Preflight(PATIENT, 1).check(model("gguf", 4), 0, () -> true))
                .satisfies(e -> assertThat(e.reason()).isEqualTo("Superseded"));
    }

    private void script(String word) throws IOException {
        Files.createDirectories(folder.resolve("models"));
        Files.write(folder.resolve("models/model.gguf"), word.getBytes(StandardCharsets.UTF_8));
    }

    private StoredModel model(String format, long elements) {
        Shape shape = Shape.of(elements);
        return new StoredModel(
                Digest.of(new byte[0]),
                new ModelContract("retina-seg", "1.0.0", format, "fp32", shape, shape, 1),
                folder);
    }

    private static ThrowableAssertAlternative<LoadFailure> assertFails(Preflight.Limits limits, StoredModel model) {
        return assertThatExceptionOfType(LoadFailure.class)
                .isThrownBy(() -> new Preflight(limits, 1).check(model, 0, () -> false))
                .satisfies(e -> assertThat(e.reason()).isEqualTo("PreflightFailed"));
    }
}
