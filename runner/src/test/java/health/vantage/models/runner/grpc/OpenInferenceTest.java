package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.InferTensorContents;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelMetadataRequest;
import health.vantage.models.runner.proto.v2.ModelMetadataResponse;
import health.vantage.models.runner.proto.v2.ModelReadyRequest;
import health.vantage.models.runner.proto.v2.ServerLiveRequest;
import health.vantage.models.runner.proto.v2.ServerMetadataRequest;
import health.vantage.models.runner.proto.v2.ServerReadyRequest;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpenInferenceTest {
    @TempDir
    Path folder;

    private RunnerUnderTest runner;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        stub = GRPCInferenceServiceGrpc.newBlockingStub(runner.channel());
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    @Test
    void theServiceHasTheNameThatTritonsClientsCall() {
        assertThat(GRPCInferenceServiceGrpc.SERVICE_NAME).isEqualTo("inference.GRPCInferenceService");
    }

    @Test
    void theServerSaysThatItLivesIsReadyAndWhatItIs() {
        assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
                .isTrue();
        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                .isTrue();
        var metadata = stub.serverMetadata(ServerMetadataRequest.getDefaultInstance());
        assertThat(metadata.getName()).isEqualTo("vantage-runner");
        assertThat(metadata.getVersion()).isNotEmpty();
    }

    @Test
    void aModelIsReadyOnlyOnceAVersionServesAndOnlyInThatVersion() throws Exception {
        assertThat(ready("doubler", "")).isFalse();
        runner.serving().table().slot("doubler");
        assertThat(ready("doubler", "")).as("known, not loaded").isFalse();

        runner.serve("doubler", "2.4.1", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        assertThat(ready("doubler", "")).isTrue();
        assertThat(ready("doubler", "2.4.1")).isTrue();
        assertThat(ready("doubler", "1.0.0")).isFalse();
    }

    @Test
    void metadataDescribesTheLoadedModelWithOpenDimensionsAsMinusOne() throws Exception {
        runner.serve("open", "3.0.0", OnnxModels.identity(1, -1), Shape.of(1, 4), Shape.of(1, -1));

        ModelMetadataResponse metadata = stub.modelMetadata(
                ModelMetadataRequest.newBuilder().setName("open").build());

        assertThat(metadata.getVersionsList()).containsExactly("3.0.0");
        assertThat(metadata.getPlatform()).isEqualTo("onnx");
        assertThat(metadata.getInputs(0).getName()).isEqualTo("x");
        assertThat(metadata.getInputs(0).getDatatype()).isEqualTo("FP32");
        assertThat(metadata.getInputs(0).getShapeList()).containsExactly(1L, -1L);
        assertThat(metadata.getOutputs(0).getName()).isEqualTo("y");
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> stub.modelMetadata(
                        ModelMetadataRequest.newBuilder().setName("none").build()))
                .withMessageContaining("NOT_FOUND");
    }

    @Test
    void rawContentsGoInAndComeBackWithNamesTypesShapesAndTheCallersId() throws Exception {
        runner.serve("doubler", "2.4.1", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        ModelInferResponse response = stub.modelInfer(raw("doubler", "x", "FP32", List.of(1L, 3L), 1, 2, 3)
                .setId("request-7")
                .build());

        assertThat(response.getModelName()).isEqualTo("doubler");
        assertThat(response.getModelVersion()).isEqualTo("2.4.1");
        assertThat(response.getId()).isEqualTo("request-7");
        assertThat(response.getOutputs(0).getName()).isEqualTo("y");
        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("FP32");
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(1L, 3L);
        assertThat(Floats.of(response.getRawOutputContents(0))).containsExactly(2, 4, 6);
    }

    @Test
    void typedContentsAreTakenAsWell() throws Exception {
        runner.serve("doubler", "2.4.1", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .setModelName("doubler")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addAllShape(List.of(1L, 3L))
                        .setContents(InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 2f, 3f))))
                .build();

        assertThat(Floats.of(stub.modelInfer(request).getRawOutputContents(0))).containsExactly(2, 4, 6);
    }

    @Test
    void severalInputsAndOutputsAreMatchedByName() throws Exception {
        byte[] two = new OnnxGraph()
                .input("a", 2)
                .input("b", 2)
                .output("sum", 2)
                .output("difference", 2)
                .node("Add", List.of("a", "b"), "sum")
                .node("Sub", List.of("a", "b"), "difference")
                .bytes();
        runner.serve("two", "1.0.0", two, Shape.of(2), Shape.of(2));
        ModelInferRequest.Builder request = raw("two", "b", "FP32", List.of(2L), 1, 2);
        add(request, "a", "FP32", List.of(2L), 10, 20);

        ModelInferResponse both = stub.modelInfer(request.build());
        ModelInferResponse one = stub.modelInfer(
                request.addOutputs(InferRequestedOutputTensor.newBuilder().setName("difference"))
                        .build());

        assertThat(both.getOutputsList()).extracting("name").containsExactly("sum", "difference");
        assertThat(Floats.of(both.getRawOutputContents(0))).containsExactly(11, 22);
        assertThat(one.getRawOutputContentsCount()).isEqualTo(1);
        assertThat(Floats.of(one.getRawOutputContents(0))).containsExactly(9, 18);
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheTensorTheExpectedAndTheActual() throws Exception {
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        refused(raw("doubler", "x", "INT64", List.of(1L, 3L), 1, 2, 3), "input x must be FP32, got INT64");
        refused(raw("doubler", "x", "FP31", List.of(1L, 3L), 1, 2, 3), "\"FP31\" is no data type");
        refused(raw("doubler", "z", "FP32", List.of(1L, 3L), 1, 2, 3), "input x is missing");
        refused(raw("doubler", "x", "FP32", List.of(1L, 4L), 1, 2, 3, 4), "shape [1,3], got [1,4]");
        refused(raw("doubler", "x", "FP32", List.of(1L, 3L), 1, 2), "must have 12 bytes, got 8");
        refused(
                raw("doubler", "x", "FP32", List.of(1L, 3L), 1, 2, 3)
                        .addRawInputContents(ByteString.copyFromUtf8("more")),
                "1 inputs with 2 raw_input_contents");
        refused(
                raw("doubler", "x", "FP32", List.of(1L, 3L), 1, 2, 3)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("other")),
                "no output \"other\"");
    }

    @Test
    void anUnknownModelOrVersionIsNotFound() throws Exception {
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

        assertCode(raw("none", "x", "FP32", List.of(1L, 3L), 1, 2, 3), Status.Code.NOT_FOUND, "no model \"none\"");
        assertCode(
                raw("doubler", "x", "FP32", List.of(1L, 3L), 1, 2, 3).setModelVersion("9"),
                Status.Code.NOT_FOUND,
                "version \"9\" was asked for");
    }

    private boolean ready(String name, String version) {
        return stub.modelReady(ModelReadyRequest.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .build())
                .getReady();
    }

    private void refused(ModelInferRequest.Builder request, String sentence) {
        assertCode(request, Status.Code.INVALID_ARGUMENT, sentence);
    }

    private void assertCode(ModelInferRequest.Builder request, Status.Code code, String sentence) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> stub.modelInfer(request.build()))
                .withMessageContaining(sentence)
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
        assertThat(runner.serving().inferences().inside()).isZero();
    }

    private static ModelInferRequest.Builder raw(
            String model, String input, String type, List<Long> shape, float... values) {
        return add(ModelInferRequest.newBuilder().setModelName(model), input, type, shape, values);
    }

    private static ModelInferRequest.Builder add(
            ModelInferRequest.Builder request, String input, String type, List<Long> shape, float... values) {
        return request.addInputs(InferInputTensor.newBuilder()
                        .setName(input)
                        .setDatatype(type)
                        .addAllShape(shape))
                .addRawInputContents(ByteString.copyFrom(Floats.bytes(Arrays.copyOf(values, values.length))));
    }
}
