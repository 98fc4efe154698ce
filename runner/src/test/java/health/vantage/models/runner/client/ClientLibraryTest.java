package health.vantage.models.runner.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import health.vantage.models.client.Inference;
import health.vantage.models.client.InferenceRequest;
import health.vantage.models.client.ModelDescription;
import health.vantage.models.client.RetryPolicy;
import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.RunnerException;
import health.vantage.models.client.RunnerException.Kind;
import health.vantage.models.client.Tensor;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.samples.TextPicture;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client against a real runner. What a runner cannot be made to do on command is in the client's own tests. */
@Timeout(120)
final class ClientLibraryTest {
    private static final int SLOW = 300;

    @TempDir
    Path folder;

    private RunnerUnderTest runner;
    private RunnerClient client;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder, new QueueLimits(2, 1), 512L << 20);
        client = RunnerClient.connect("unix:" + runner.socket());
    }

    @AfterEach
    void stop() {
        client.close();
        runner.close();
    }

    @Test
    void aModelAnswersOverTcpAndOverTheUnixSocket() throws Exception {
        doubler("2.4.1");
        Tensor x = Tensor.of("x", new float[] {1, 2, 3}, 1, 3);
        InferenceRequest request =
                InferenceRequest.of(x).id("study-7").outputs("y").onlyVersion("2.4.1");
        try (RunnerClient tcp =
                RunnerClient.connect("localhost:" + runner.serving().grpcPort())) {
            for (RunnerClient one : List.of(client, tcp)) {
                Inference answer = one.model("doubler").infer(request);

                assertThat(answer.output().toFloats()).containsExactly(2, 4, 6);
                assertThat(answer.output("y").shape()).containsExactly(1, 3);
                assertThat(answer.version()).isEqualTo("2.4.1");
                assertThat(answer.id()).isEqualTo("study-7");
            }
        }
    }

    @Test
    void severalInputsGoInByNameAndOutputsComeBackInTheOrderAsked() throws Exception {
        byte[] two = new OnnxGraph()
                .input("a", 2)
                .input("b", 2)
                .output("sum", 2)
                .output("difference", 2)
                .node("Add", List.of("a", "b"), "sum")
                .node("Sub", List.of("a", "b"), "difference")
                .bytes();
        runner.serve("two", "1.0.0", two, Shape.of(2), Shape.of(2));
        Tensor a = Tensor.of("a", new float[] {10, 20}, 2);
        Tensor b = Tensor.of("b", new float[] {1, 2}, 2);

        Inference answer = client.model("two").infer(InferenceRequest.of(b, a).outputs("difference", "sum"));

        assertThat(answer.outputs()).extracting(Tensor::name).containsExactly("difference", "sum");
        assertThat(answer.output("difference").toFloats()).containsExactly(9, 18);
        assertThat(answer.output("sum").toFloats()).containsExactly(11, 22);
    }

    @Test
    void theRunnerSaysWhatItIsAndWhatItsModelsTake() throws Exception {
        doubler("2.4.1");

        assertThat(client.live()).isTrue();
        assertThat(client.ready()).isTrue();
        assertThat(client.server().name()).isEqualTo("vantage-runner");
        assertThat(client.model("doubler").ready()).isTrue();
        assertThat(client.model("none").ready()).isFalse();
        ModelDescription description = client.model("doubler").describe();
        assertThat(description.versions()).containsExactly("2.4.1");
        assertThat(description.inputs()).containsExactly(new ModelDescription.Port("x", "FP32", List.of(1L, 3L)));
    }

    @Test
    void healthIsAskedOrWaitedFor() throws Exception {
        assertThat(client.health().serving("")).isTrue();
        assertThat(client.health().serving("doubler")).isFalse();
        assertThat(client.health().awaitServing("doubler", Duration.ofMillis(200)))
                .isFalse();

        CompletableFuture<Boolean> waiting =
                CompletableFuture.supplyAsync(() -> client.health().awaitServing("doubler", Duration.ofSeconds(60)));
        doubler("1.0.0");

        assertThat(waiting.get()).isTrue();
        assertThat(client.health().serving("doubler")).isTrue();
    }

    @Test
    void whatTheRunnerRefusesComesWithItsSentenceAndAKind() throws Exception {
        doubler("1.0.0");
        Tensor x = Tensor.of("x", new float[] {1, 2, 3}, 1, 3);

        refused("none", InferenceRequest.of(x), Kind.NOT_FOUND, "no model \"none\" on this runner");
        refused("doubler", InferenceRequest.of(x).onlyVersion("9"), Kind.NOT_FOUND, "version \"9\" was asked for");
        refused(
                "doubler",
                InferenceRequest.of(Tensor.of("x", new long[] {1, 2, 3}, 1, 3)),
                Kind.INVALID,
                "input x must be FP32, got INT64");
        refused("doubler", InferenceRequest.of(x).outputs("z"), Kind.INVALID, "no output \"z\"");
    }

    @Test
    void aModelThatFailsOnAnInputSaysSoAndIsNotAskedTheSameAgain() throws Exception {
        runner.serve("picky", "1.0.0", OnnxModels.failsAbove(10, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        refused(
                "picky",
                InferenceRequest.of(Tensor.of("x", new float[] {1, 2, 11}, 1, 3)),
                Kind.MODEL_FAILED,
                "the model failed");
        assertThat(active("picky").errors()).isEqualTo(1);
    }

    @Test
    void moreThanTheQueueHoldsIsAnsweredAllTheSameForTheRunnerSaysWhenToComeBack() throws Exception {
        slow(Duration.ofMillis(50));
        List<CompletableFuture<Inference>> answers = new ArrayList<>();
        try (RunnerClient patient = RunnerClient.to("unix:" + runner.socket())
                .retries(new RetryPolicy(1000, Duration.ofMillis(50), Duration.ofSeconds(1)))
                .deadline(Duration.ofSeconds(60))
                .connect()) {
            for (int i = 0; i < 12; i++) {
                answers.add(patient.model("slow").inferAsync(picture()));
            }
            for (CompletableFuture<Inference> answer : answers) {
                assertThat(answer.get().version()).isEqualTo("1.0.0");
            }
        }
    }

    @Test
    void withoutRetriesAFullQueueIsToldAtOnce() throws Exception {
        slow(Duration.ofMillis(300));
        List<CompletableFuture<Inference>> answers = new ArrayList<>();
        try (RunnerClient hasty = RunnerClient.to("unix:" + runner.socket())
                .retries(RetryPolicy.none())
                .connect()) {
            for (int i = 0; i < 12; i++) {
                answers.add(hasty.model("slow").inferAsync(picture()));
            }
            List<Kind> refusals = new ArrayList<>();
            for (CompletableFuture<Inference> answer : answers) {
                try {
                    answer.get();
                } catch (ExecutionException e) {
                    refusals.add(((RunnerException) e.getCause()).kind());
                }
            }

            assertThat(refusals).isNotEmpty().containsOnly(Kind.BUSY);
        }
    }

    @Test
    void aDeadlineEndsTheWaitingAndTheRun() throws Exception {
        slow(Duration.ofSeconds(3));
        InferenceRequest hurried = InferenceRequest.of(picture()).within(Duration.ofMillis(300));

        refused("slow", hurried, Kind.TOO_LATE, "DEADLINE_EXCEEDED");

        await().atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() == 0);
    }

    @Test
    void cancellingTheFutureStopsTheRunOnTheRunner() throws Exception {
        slow(Duration.ofSeconds(3));
        CompletableFuture<Inference> answer = client.model("slow").inferAsync(picture());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() == 1);

        answer.cancel(true);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() == 0);
    }

    @Test
    void theReadmesExampleFindsTextAndIsWhatTheReadmeSays() throws Exception {
        byte[] det = Files.readAllBytes(RealModels.require(RealModels.DET));
        runner.serve("text-det", "4.0.0", det, Shape.of(1, 3, 320, 320), Shape.of(-1, 1, -1, -1));
        Path text = TextPicture.png(folder.resolve("text.png"), "RETINA 42", 320, 320);
        Path blank = TextPicture.png(folder.resolve("blank.png"), "", 320, 320);

        assertThat(ReadmeExample.share(text, "unix:" + runner.socket())).isBetween(0.02f, 0.5f);
        assertThat(ReadmeExample.share(blank, "unix:" + runner.socket())).isZero();

        String source =
                Files.readString(Path.of("src/test/java/health/vantage/models/runner/client/ReadmeExample.java"));
        String example = source.substring(
                        source.indexOf("// README\n") + "// README\n".length(), source.indexOf("        // end"))
                // A last line that is empty would count as one without indentation.
                .stripTrailing()
                .stripIndent();
        assertThat(Files.readString(Path.of("../client/README.md"))).contains(example);
    }

    private void refused(String model, InferenceRequest request, Kind kind, String sentence) {
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> client.model(model).infer(request))
                .withMessageContaining(sentence)
                .extracting(RunnerException::kind)
                .isEqualTo(kind);
    }

    private void doubler(String version) throws Exception {
        runner.serve("doubler", version, OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
    }

    private void slow(Duration time) throws Exception {
        runner.serveSlow(SLOW, time);
    }

    private static Tensor picture() {
        return Tensor.of("x", new float[SLOW * SLOW], SLOW, SLOW);
    }

    private health.vantage.models.runner.model.VersionCounters.Reading active(String model) {
        return runner.serving()
                .table()
                .slot(model)
                .active()
                .orElseThrow()
                .counters()
                .read();
    }
}
