package health.vantage.models.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelInferResponse.InferOutputTensor;
import java.util.ArrayList;
import java.util.List;

/** Between the protocol's messages and ours. Raw contents only, without copying. */
final class Messages {
    private Messages() {}

    static ModelInferRequest request(String model, InferenceRequest request) {
        ModelInferRequest.Builder message = ModelInferRequest.newBuilder()
                .setModelName(model)
                .setModelVersion(request.version())
                .setId(request.id());
        for (Tensor input : request.inputs()) {
            InferInputTensor.Builder tensor = InferInputTensor.newBuilder()
                    .setName(input.name())
                    .setDatatype(input.type().name());
            for (long dimension : input.shape()) {
                tensor.addShape(dimension);
            }
            message.addInputs(tensor).addRawInputContents(UnsafeByteOperations.unsafeWrap(input.bytes()));
        }
        for (String output : request.outputs()) {
            message.addOutputs(InferRequestedOutputTensor.newBuilder().setName(output));
        }
        return message.build();
    }

    /** @throws RunnerException of kind PROTOCOL when the parts do not fit each other */
    static Inference answer(ModelInferResponse message) {
        if (message.getRawOutputContentsCount() != message.getOutputsCount()) {
            throw new RunnerException(
                    RunnerException.Kind.PROTOCOL,
                    "model " + message.getModelName() + " answered " + message.getOutputsCount() + " outputs with "
                            + message.getRawOutputContentsCount() + " raw_output_contents; each needs one");
        }
        List<Tensor> outputs = new ArrayList<>(message.getOutputsCount());
        for (int i = 0; i < message.getOutputsCount(); i++) {
            outputs.add(tensor(message.getOutputs(i), message.getRawOutputContents(i)));
        }
        return new Inference(message.getModelName(), message.getModelVersion(), message.getId(), outputs);
    }

    private static Tensor tensor(InferOutputTensor said, ByteString bytes) {
        long[] shape = said.getShapeList().stream().mapToLong(Long::longValue).toArray();
        try {
            return Tensor.of(
                    said.getName(),
                    TensorType.of(said.getName(), said.getDatatype()),
                    bytes.asReadOnlyByteBuffer(),
                    shape);
        } catch (IllegalArgumentException e) {
            throw new RunnerException(RunnerException.Kind.PROTOCOL, e.getMessage(), e);
        }
    }
}
