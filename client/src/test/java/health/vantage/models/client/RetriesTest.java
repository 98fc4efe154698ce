package health.vantage.models.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.client.RunnerException.Kind;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a caller gets while the other side fails as told. */
@Timeout(30)
final class RetriesTest {
    private static final Tensor ONE = Tensor.of("x", new float[] {1}, 1);
    private static final RetryPolicy QUICK = new RetryPolicy(4, Duration.ofMillis(5), Duration.ofMillis(20));

    private static StatusRuntimeException full(String pushback) {
        Metadata trailers = new Metadata();
        if (!pushback.isEmpty()) {
            trailers.put(RetryPolicy.PUSHBACK, pushback);
        }
        return Status.RESOURCE_EXHAUSTED
                .withDescription("64 requests wait already")
                .asRuntimeException(trailers);
    }

    private static RunnerClient client(ScriptedServer server) {
        return RunnerClient.to(server.target()).retries(QUICK).connect();
    }

    private static ScriptedServer failing(int times, StatusRuntimeException how) throws IOException {
        return new ScriptedServer((attempt, request, answer) -> {
            if (attempt <= times) {
                answer.onError(how);
            } else {
                ScriptedServer.echo(request, answer);
            }
        });
    }

    @Test
    void aRunnerThatIsAwayForAMomentIsAskedAgain() throws Exception {
        try (ScriptedServer server = failing(3, Status.UNAVAILABLE.asRuntimeException());
                RunnerClient client = client(server)) {
            assertThat(client.model("m").infer(ONE).output().toFloats()).containsExactly(1);
            assertThat(server.attempts()).isEqualTo(4);
        }
    }

    @Test
    void oneThatStaysAwayIsReportedWithTheNumberOfAttempts() throws Exception {
        try (ScriptedServer server = failing(
                        99, Status.UNAVAILABLE.withDescription("loading").asRuntimeException());
                RunnerClient client = client(server)) {
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(ONE))
                    .withMessage("model m: UNAVAILABLE: loading (after 4 attempts)")
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.UNAVAILABLE);
            assertThat(server.attempts()).isEqualTo(4);
        }
    }

    @Test
    void aFullQueueIsAskedAgainOnlyWhenTheRunnerSaysWhen() throws Exception {
        try (ScriptedServer server = failing(1, full("10"));
                RunnerClient client = client(server)) {
            assertThat(client.model("m").infer(ONE).version()).isEqualTo("1.0.0");
        }
        try (ScriptedServer server = failing(1, full(""));
                RunnerClient client = client(server)) {
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(ONE))
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.BUSY);
            assertThat(server.attempts()).isEqualTo(1);
        }
    }

    @Test
    void aModelThatFailedIsNotAskedTheSameAgain() throws Exception {
        try (ScriptedServer server =
                        failing(1, Status.INTERNAL.withDescription("NaN").asRuntimeException());
                RunnerClient client = client(server)) {
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(ONE))
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.MODEL_FAILED);
            assertThat(server.attempts()).isEqualTo(1);
        }
    }

    @Test
    void aPauseThatWouldOutlastTheDeadlineEndsWithTheRunnersReason() throws Exception {
        try (ScriptedServer server = failing(99, full("30000"));
                RunnerClient client = client(server)) {
            InferenceRequest hurried = InferenceRequest.of(ONE).within(Duration.ofSeconds(5));

            long start = System.nanoTime();
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(hurried))
                    .withMessageContaining("64 requests wait already");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void oneDeadlineHoldsForAllAttempts() throws Exception {
        try (ScriptedServer server = new ScriptedServer((attempt, request, answer) -> {
                    switch (attempt) {
                        case 1 -> ScriptedServer.echo(request, answer);
                        case 2 -> answer.onError(Status.UNAVAILABLE.asRuntimeException());
                        default -> {
                            // No answer, ever.
                        }
                    }
                });
                RunnerClient client = client(server)) {
            client.model("m").infer(ONE);

            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() ->
                            client.model("m").infer(InferenceRequest.of(ONE).within(Duration.ofSeconds(2))))
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.TOO_LATE);
            assertThat(server.attempts()).isEqualTo(3);
        }
    }

    @Test
    void cancellingTheFutureCancelsTheCallOnTheOtherSide() throws Exception {
        try (ScriptedServer server = new ScriptedServer((attempt, request, answer) -> {});
                RunnerClient client = client(server)) {
            CompletableFuture<Inference> future = client.model("m").inferAsync(ONE);
            while (server.attempts() == 0) {
                Thread.onSpinWait();
            }

            future.cancel(true);

            assertThat(server.cancelled().await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void closingTheClientEndsWhatPausesBetweenTwoAttempts() throws Exception {
        try (ScriptedServer server = failing(99, Status.UNAVAILABLE.asRuntimeException())) {
            RunnerClient client = RunnerClient.to(server.target())
                    .retries(new RetryPolicy(50, Duration.ofMillis(200), Duration.ofMillis(200)))
                    .connect();
            CompletableFuture<Inference> future = client.model("m").inferAsync(ONE);
            while (server.attempts() == 0) {
                Thread.onSpinWait();
            }

            client.close();

            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> future.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(RunnerException.class);
            assertThat(server.attempts()).isLessThan(50);
        }
    }

    @Test
    void anAnswerThatContradictsItselfIsNotHandedOut() throws Exception {
        try (ScriptedServer server = new ScriptedServer((attempt, request, answer) -> {
                    answer.onNext(ModelInferResponse.newBuilder()
                            .addOutputs(ModelInferResponse.InferOutputTensor.newBuilder()
                                    .setName("y")
                                    .setDatatype("FP32")
                                    .addShape(2))
                            .addRawOutputContents(request.getRawInputContents(0))
                            .build());
                    answer.onCompleted();
                });
                RunnerClient client = client(server)) {
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(ONE))
                    .withMessageContaining("tensor y: FP32[2] has 2 elements of 4 bytes, and 4 bytes were given")
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.PROTOCOL);
        }
    }

    @Test
    void anAnswerLargerThanAllowedSaysSo() throws Exception {
        try (ScriptedServer server = failing(0, Status.UNAVAILABLE.asRuntimeException());
                RunnerClient client =
                        RunnerClient.to(server.target()).largestAnswer(100).connect()) {
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(Tensor.of("x", new float[1000], 1000)))
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.TOO_LARGE);
        }
    }
}
