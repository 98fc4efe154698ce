package health.vantage.models.runner.grpc;

import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelInferResponse.InferOutputTensor;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.InferenceCall.Given;
import health.vantage.models.runner.serve.InferenceCall.OutputChoice;
import health.vantage.models.runner.serve.Payload;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Between the protocol's messages and a call. Raw contents only travel back; typed ones are taken as well. */
final class OpenInferenceMessages {
    private OpenInferenceMessages() {}

    /** @throws Refusal of kind INVALID */
    static InferenceCall call(ModelInferRequest request, List<? extends Payload> contents, Cancellation cancellation) {
        int raw = contents.size();
        if (raw != 0 && raw != request.getInputsCount()) {
            throw invalid(
                    request.getInputsCount() + " inputs with " + raw + " raw_input_contents; each input needs one");
        }
        List<Given> inputs = new ArrayList<>(request.getInputsCount());
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferInputTensor tensor = request.getInputs(i);
            inputs.add(given(tensor, raw == 0 ? null : contents.get(i)));
        }
        List<String> outputs = request.getOutputsList().stream()
                .map(InferRequestedOutputTensor::getName)
                .toList();
        return new InferenceCall(request.getModelName(), inputs, outputs, OutputChoice.ALL, cancellation);
    }

    private static Given given(InferInputTensor tensor, Payload raw) {
        try {
            DataType type = DataType.parse(tensor.getDatatype());
            Payload data = raw == null ? Payload.copyOf(TypedContents.bytes(type, tensor.getContents())) : raw;
            return new Given(
                    Optional.of(tensor.getName()),
                    Optional.of(type),
                    Optional.of(Shape.of(tensor.getShapeList())),
                    data);
        } catch (IllegalArgumentException e) {
            throw invalid("input " + tensor.getName() + ": " + e.getMessage());
        }
    }

    static ModelInferResponse response(String id, Answer answer) {
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(answer.model())
                .setModelVersion(answer.version())
                .setId(id);
        for (Tensor tensor : answer.outputs()) {
            response.addOutputs(InferOutputTensor.newBuilder()
                            .setName(tensor.name())
                            .setDatatype(tensor.type().name())
                            .addAllShape(Arrays.stream(tensor.shape().toArray())
                                    .boxed()
                                    .toList()))
                    .addRawOutputContents(Reply.bytes(tensor));
        }
        return response.build();
    }

    private static Refusal invalid(String what) {
        return new Refusal(Refusal.Kind.INVALID, what);
    }
}
