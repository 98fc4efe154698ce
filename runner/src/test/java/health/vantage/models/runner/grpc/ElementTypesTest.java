package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.onnx.OnnxGraph;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.InferTensorContents;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Texts;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ElementTypesTest {
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
        // A request lets go just after its answer has left.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> runner.serving().inferences().inside() == 0);
        runner.close();
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL,9,1",
        "UINT8,2,1",
        "INT8,3,1",
        "INT16,5,2",
        "INT32,6,4",
        "INT64,7,8",
        "FP16,10,2",
        "BF16,16,2",
        "FP32,1,4",
        "FP64,11,8"
    })
    void everyTypeThatTheBindingPassesComesBackBitByBit(String type, int onnx, int width) throws Exception {
        serveIdentity(onnx, 3);
        byte[] bytes = new byte[3 * width];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (type.equals("BOOL") ? i & 1 : 16 + i);
        }

        ModelInferResponse response = stub.modelInfer(
                request(type, 3).addRawInputContents(ByteString.copyFrom(bytes)).build());

        assertThat(response.getOutputs(0).getDatatype()).isEqualTo(type);
        assertThat(response.getRawOutputContents(0).toByteArray()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"UINT16,4", "UINT32,12", "UINT64,13"})
    void anInputThatTheBindingCannotPassIsRefusedWhenTheModelIsLoaded(String type, int onnx) {
        assertThatExceptionOfType(LoadFailure.class)
                .isThrownBy(() -> serveIdentity(onnx, 3))
                .withMessageContaining("\"x\" of the model takes " + type)
                .withMessageContaining("Java binding cannot pass such memory in");
    }

    @ParameterizedTest
    @CsvSource({"UINT16,4,2", "UINT32,12,4", "UINT64,13,8"})
    void wideUnsignedOutputsAreAnsweredAllTheSame(String type, int onnx, int width) throws Exception {
        byte[] model = new OnnxGraph()
                .typedInput("x", OnnxGraph.INT32, 2)
                .typedOutput("y", onnx, 2)
                .cast("x", onnx, "y")
                .bytes();
        runner.serve("cast", "1.0.0", model, Shape.of(2), Shape.of(2));

        ModelInferResponse response = stub.modelInfer(request("INT32", 2)
                .setModelName("cast")
                .addRawInputContents(ByteString.copyFrom(new byte[] {7, 0, 0, 0, 0, 1, 0, 0}))
                .build());

        byte[] expected = new byte[2 * width];
        expected[0] = 7;
        expected[width + 1] = 1;
        assertThat(response.getOutputs(0).getDatatype()).isEqualTo(type);
        assertThat(response.getRawOutputContents(0).toByteArray()).isEqualTo(expected);
    }

    @Test
    void textsGoInAndComeBackRawOrTyped() throws Exception {
        serveIdentity(OnnxGraph.STRING, 2, 2);
        String[] texts = {"Befund", "", "größer als 3 µm", "影像"};
        byte[][] utf8 = Texts.utf8(texts);

        ModelInferResponse raw = stub.modelInfer(
                request("BYTES", 2, 2).addRawInputContents(encoded(texts)).build());
        ModelInferRequest.Builder typed = request("BYTES", 2, 2);
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (byte[] element : utf8) {
            contents.addBytesContents(ByteString.copyFrom(element));
        }
        typed.getInputsBuilder(0).setContents(contents);
        ModelInferResponse fromTyped = stub.modelInfer(typed.build());

        assertThat(raw.getOutputs(0).getDatatype()).isEqualTo("BYTES");
        assertThat(raw.getOutputs(0).getShapeList()).containsExactly(2L, 2L);
        assertThat(raw.getRawOutputContents(0)).isEqualTo(encoded(texts));
        assertThat(fromTyped.getRawOutputContents(0)).isEqualTo(encoded(texts));
    }

    @Test
    void textsThatAreDamagedOrCannotBePassedAreTheCallersFault() throws Exception {
        var slot = serveIdentity(OnnxGraph.STRING, 2);
        ByteString good = encoded("a", "b");

        refused(good.substring(0, 7), "must have at least 8 bytes, got 7");
        refused(good.substring(0, 8), "it ends before element 1 of 2");
        refused(good.concat(ByteString.copyFromUtf8("x")), "1 bytes are left after its 2 elements");
        refused(
                ByteString.copyFrom(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}),
                "element 0 says that it has 4294967295 bytes, 4 are left");
        refused(ByteString.copyFrom(new byte[] {1, 0, 0, 0, (byte) 0xff, 0, 0, 0, 0}), "element 0 is no UTF-8 text");
        refused(
                encoded("ok", "\uD83D\uDE00"),
                "element 1 has a character that ONNX Runtime's Java binding cannot pass");
        assertThat(slot.active().orElseThrow().counters().read().errors()).isZero();
    }

    @Test
    void typedContentsHaveAFormForAllButHalves() throws Exception {
        serveIdentity(OnnxGraph.INT8, 2);
        ModelInferRequest.Builder tooLarge = request("INT8", 2);
        tooLarge.getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder().addIntContents(1).addIntContents(200));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> stub.modelInfer(tooLarge.build()))
                .withMessageContaining("input x: 200 is no INT8");

        ModelInferRequest.Builder halves = request("FP16", 2);
        halves.getInputsBuilder(0).setContents(InferTensorContents.newBuilder().addFp32Contents(1));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> stub.modelInfer(halves.build()))
                .withMessageContaining("FP16 values must come in raw_input_contents");
    }

    private void refused(ByteString contents, String sentence) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> stub.modelInfer(
                        request("BYTES", 2).addRawInputContents(contents).build()))
                .withMessageContaining("INVALID_ARGUMENT")
                .withMessageContaining(sentence);
    }

    private ModelSlot serveIdentity(int onnx, long... shape) throws LoadFailure {
        byte[] model = new OnnxGraph()
                .typedInput("x", onnx, shape)
                .typedOutput("y", onnx, shape)
                .node("Identity", List.of("x"), "y")
                .bytes();
        return runner.serve("identity", "1.0.0", model, Shape.of(shape), Shape.of(shape));
    }

    private static ByteString encoded(String... texts) {
        byte[][] utf8 = Texts.utf8(texts);
        ByteBuffer bytes = ByteBuffer.allocate((int) Texts.size(utf8));
        Texts.write(utf8, bytes);
        return ByteString.copyFrom(bytes);
    }

    private static ModelInferRequest.Builder request(String type, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName("x").setDatatype(type);
        for (long dim : shape) {
            input.addShape(dim);
        }
        return ModelInferRequest.newBuilder().setModelName("identity").addInputs(input);
    }
}
