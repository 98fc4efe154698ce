package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.InferParameter;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Texts;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputOptionsTest {
    @TempDir
    Path folder;

    private RunnerUnderTest runner;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        stub = GRPCInferenceServiceGrpc.newBlockingStub(runner.channel());
        runner.serve("scores", "1.0.0", OnnxModels.identity(2, 3), Shape.of(2, 3), Shape.of(2, 3));
    }

    @AfterEach
    void stop() {
        // A request lets go just after its answer has left.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> runner.serving().inferences().inside() == 0);
        runner.close();
    }

    @Test
    void classificationAnswersTheBestAsTritonDoes() {
        ModelInferResponse response = stub.modelInfer(request("classification", number(2)));

        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("BYTES");
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L, 2L);
        assertThat(Texts.read(response.getRawOutputContents(0).asReadOnlyByteBuffer(), 4))
                .containsExactly("0.700000:1", "0.200000:2", "9.000000:0", "1.000000:1");
    }

    @Test
    void argmaxAnswersAClassForEachPlace() {
        ModelInferResponse response = stub.modelInfer(request("argmax", number(-1)));

        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("UINT8");
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L);
        assertThat(response.getRawOutputContents(0).toByteArray()).containsExactly(1, 0);
    }

    @Test
    void halvesAnswerHalfTheBytes() {
        ModelInferResponse response = stub.modelInfer(request(
                "datatype", InferParameter.newBuilder().setStringParam("FP16").build()));

        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("FP16");
        assertThat(response.getRawOutputContents(0).size()).isEqualTo(12);
    }

    @Test
    void theFirstApiTakesTheSameByMetadata() {
        assertThat(runner.infer("scores", SCORES.asReadOnlyByteBuffer(), Map.of("argmax", "1"))
                        .getOutputTensor()
                        .toByteArray())
                .containsExactly(1, 0);
        assertThat(runner.infer("scores", SCORES.asReadOnlyByteBuffer(), Map.of("output", "y", "datatype", "FP16"))
                        .getOutputTensor()
                        .size())
                .isEqualTo(12);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> runner.infer("scores", SCORES.asReadOnlyByteBuffer(), Map.of("argmax", "one")))
                .withMessageContaining(
                        "INVALID_ARGUMENT: request metadata: argmax must be a whole number, not \"one\"");
    }

    @Test
    void whatCannotBeHadIsRefusedWithItsReason() {
        refused(request("argmax", number(2)), "output y cannot be had in this form: it has 2 dimensions");
        refused(request("classification", number(0)), "output y: classification must be 1 to 1000, not 0");
        refused(
                request(
                        "classification",
                        InferParameter.newBuilder().setBoolParam(true).build()),
                "parameter classification must be a whole number, not \"true\"");
        refused(
                request(
                        "datatype",
                        InferParameter.newBuilder().setStringParam("INT4").build()),
                "datatype must be FP16, not \"INT4\"");
        refused(
                request(
                                "datatype",
                                InferParameter.newBuilder()
                                        .setStringParam("FP16")
                                        .build())
                        .toBuilder()
                        .setOutputs(
                                0,
                                InferRequestedOutputTensor.newBuilder()
                                        .setName("y")
                                        .putParameters("argmax", number(0))
                                        .putParameters("classification", number(1)))
                        .build(),
                "only one of");
    }

    private void refused(ModelInferRequest request, String sentence) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> stub.modelInfer(request))
                .withMessageContaining("INVALID_ARGUMENT")
                .withMessageContaining(sentence);
    }

    private static final ByteString SCORES = ByteString.copyFrom(Floats.bytes(0.1f, 0.7f, 0.2f, 9, 1, -3));

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    private static ModelInferRequest request(String parameter, InferParameter value) {
        return ModelInferRequest.newBuilder()
                .setModelName("scores")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addAllShape(List.of(2L, 3L)))
                .addRawInputContents(SCORES)
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y").putParameters(parameter, value))
                .build();
    }
}
