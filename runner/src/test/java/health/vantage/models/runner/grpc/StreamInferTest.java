package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.InferParameter;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelStreamInferResponse;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StreamInferTest {
    private static final int LARGE = 1 << 20;

    @TempDir
    Path folder;

    private RunnerUnderTest runner;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
    }

    @AfterEach
    void stop() {
        idle();
        runner.close();
    }

    @Test
    void manyRequestsAreAnsweredInTheirOrder() throws Exception {
        Stream stream = new Stream(Integer.MAX_VALUE);
        IntStream.range(0, 100).forEach(i -> stream.send(request("doubler", "r" + i, i)));
        stream.requests.onCompleted();

        List<ModelStreamInferResponse> answers = stream.all();

        assertThat(answers)
                .extracting(answer -> answer.getInferResponse().getId())
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(i -> "r" + i).toList());
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.getErrorMessage()).isEmpty();
            assertThat(answer.getInferResponse()
                            .getParametersOrThrow("triton_final_response")
                            .getBoolParam())
                    .isTrue();
        });
        assertThat(Floats.of(answers.get(7).getInferResponse().getRawOutputContents(0)))
                .containsExactly(14, 14, 14);
    }

    @Test
    void aRequestThatFailsIsAnsweredByItsIdAndTheStreamGoesOn() throws Exception {
        Stream stream = new Stream(Integer.MAX_VALUE);
        stream.send(request("none", "bad", 1));
        stream.send(request("doubler", "short", 1).toBuilder()
                .setRawInputContents(0, ByteString.EMPTY)
                .build());
        stream.send(request("doubler", "good", 1));
        stream.requests.onCompleted();

        List<ModelStreamInferResponse> answers = stream.all();

        assertThat(answers.get(0).getErrorMessage()).contains("no model \"none\" on this runner");
        assertThat(answers.get(0).getInferResponse().getId()).isEqualTo("bad");
        assertThat(answers.get(1).getErrorMessage()).contains("must have 12 bytes, got 0");
        assertThat(answers.get(2).getErrorMessage()).isEmpty();
        assertThat(Floats.of(answers.get(2).getInferResponse().getRawOutputContents(0)))
                .containsExactly(2, 2, 2);
    }

    @Test
    void ofAClientThatDoesNotReadNoMoreRequestsAreTaken() throws Exception {
        runner.serve("large", "1.0.0", OnnxModels.scale(2, LARGE), Shape.of(LARGE), Shape.of(LARGE));
        Stream stream = new Stream(1);
        CompletableFuture<Void> sending =
                CompletableFuture.runAsync(() -> IntStream.range(0, 40).forEach(i -> stream.send(large("r" + i, 3))));

        stream.awaitAnswers(1);
        idle();
        long counted = runner.serving()
                .table()
                .find("large")
                .orElseThrow()
                .requests()
                .read()
                .success()
                .count();
        assertThat(counted).as("computed while nobody reads").isLessThan(30);

        stream.requests.request(Integer.MAX_VALUE);
        sending.get(30, TimeUnit.SECONDS);
        stream.requests.onCompleted();
        assertThat(stream.all()).hasSize(40);
    }

    @Test
    void aClientThatLeavesStopsWhatItAskedFor() throws Exception {
        int size = 512;
        runner.serveSlow(size, Duration.ofSeconds(1));
        Stream stream = new Stream(Integer.MAX_VALUE);
        for (int i = 0; i < 4; i++) {
            stream.send(ModelInferRequest.newBuilder()
                    .setModelName("slow")
                    .addInputs(InferInputTensor.newBuilder()
                            .setName("x")
                            .setDatatype("FP32")
                            .addShape(size)
                            .addShape(size))
                    .addRawInputContents(ByteString.copyFrom(Floats.filled(size * size, 0)))
                    .build());
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> runner.serving().inferences().inside() > 1);

        stream.requests.cancel("the reader has seen enough", null);

        idle();
    }

    @Test
    void aLargeOutputComesInPiecesWhereTheRequestAsksForThem() throws Exception {
        runner.serve("large", "1.0.0", OnnxModels.scale(2, LARGE), Shape.of(LARGE), Shape.of(LARGE));
        int chunk = 1_000_000;
        Stream stream = new Stream(Integer.MAX_VALUE);
        stream.send(large("r", 3).toBuilder()
                .putParameters(
                        "chunk_byte_size",
                        InferParameter.newBuilder().setInt64Param(chunk).build())
                .build());
        stream.send(request("doubler", "next", 1));
        stream.requests.onCompleted();

        List<ModelInferResponse> pieces = stream.all().stream()
                .map(ModelStreamInferResponse::getInferResponse)
                .toList();

        assertThat(pieces).hasSize(5 + 1);
        ByteString whole = ByteString.EMPTY;
        for (ModelInferResponse piece : pieces.subList(0, 5)) {
            assertThat(piece.getId()).isEqualTo("r");
            assertThat(piece.getOutputs(0).getShapeList()).containsExactly((long) LARGE);
            assertThat(number(piece, "chunk_offset")).isEqualTo(whole.size());
            assertThat(number(piece, "chunk_total_byte_size")).isEqualTo(4L * LARGE);
            assertThat(piece.getRawOutputContents(0).size()).isLessThanOrEqualTo(chunk);
            whole = whole.concat(piece.getRawOutputContents(0));
        }
        assertThat(pieces)
                .extracting(piece ->
                        piece.getParametersOrThrow("triton_final_response").getBoolParam())
                .containsExactly(false, false, false, false, true, true);
        assertThat(Floats.of(whole)).hasSize(LARGE).containsOnly(6);
    }

    private static long number(ModelInferResponse piece, String parameter) {
        return piece.getOutputs(0).getParametersOrThrow(parameter).getInt64Param();
    }

    private void idle() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> runner.serving().inferences().inside() == 0);
    }

    private static ModelInferRequest request(String model, String id, float value) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .setId(id)
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addAllShape(List.of(1L, 3L)))
                .addRawInputContents(ByteString.copyFrom(Floats.filled(3, value)))
                .build();
    }

    private static ModelInferRequest large(String id, float value) {
        return ModelInferRequest.newBuilder()
                .setModelName("large")
                .setId(id)
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(LARGE))
                .addRawInputContents(ByteString.copyFrom(Floats.filled(LARGE, value)))
                .build();
    }

    /** A client's side, which reads as many answers as it says. */
    private final class Stream implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
        private final int reads;
        private final List<ModelStreamInferResponse> answers = new ArrayList<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private ClientCallStreamObserver<ModelInferRequest> requests;

        Stream(int reads) {
            this.reads = reads;
            GRPCInferenceServiceGrpc.newStub(runner.channel()).modelStreamInfer(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> stream) {
            requests = stream;
            stream.disableAutoRequestWithInitial(reads);
        }

        void send(ModelInferRequest request) {
            requests.onNext(request);
        }

        @Override
        public synchronized void onNext(ModelStreamInferResponse answer) {
            answers.add(answer);
            notifyAll();
        }

        synchronized void awaitAnswers(int count) throws InterruptedException {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (answers.size() < count) {
                assertThat(System.nanoTime()).isLessThan(until);
                wait(100);
            }
        }

        List<ModelStreamInferResponse> all() throws Exception {
            end.get(60, TimeUnit.SECONDS);
            return answers;
        }

        @Override
        public void onError(Throwable cause) {
            end.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }
}
