package health.vantage.models.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelInferResponse.InferOutputTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Between the protocol's messages and ours. Raw contents only, without copying. */
final class Messages {
    private Messages() {}

    static ModelInferRequest request(String model, InferenceRequest request) {
        ModelInferRequest.Builder message = begin(model, request);
        for (Tensor input : request.inputs()) {
            message.addInputs(described(input)).addRawInputContents(UnsafeByteOperations.unsafeWrap(input.bytes()));
        }
        for (String output : request.outputs()) {
            message.addOutputs(InferRequestedOutputTensor.newBuilder().setName(output));
        }
        return message.build();
    }

    /**
     * Copies the inputs into the lease, and names places in it for the outputs whose sizes are known.
     *
     * @param sizes empty: all outputs come through the connection
     */
    static ModelInferRequest request(
            String model, InferenceRequest request, Lease lease, Optional<KnownOutputs.Sizes> sizes) {
        ModelInferRequest.Builder message = begin(model, request);
        Placing places = new Placing(lease.regionName());
        for (Tensor input : request.inputs()) {
            ByteBuffer bytes = input.bytes();
            lease.put(places.next(), bytes);
            message.addInputs(described(input).putAllParameters(places.place(bytes.remaining())));
        }
        if (sizes.isEmpty()) {
            request.outputs()
                    .forEach(output -> message.addOutputs(
                            InferRequestedOutputTensor.newBuilder().setName(output)));
        }
        for (KnownOutputs.Output output : sizes.map(KnownOutputs.Sizes::outputs).orElse(List.of())) {
            InferRequestedOutputTensor.Builder wanted =
                    InferRequestedOutputTensor.newBuilder().setName(output.name());
            message.addOutputs(output.fixed() ? wanted.putAllParameters(places.place(output.bytes())) : wanted);
        }
        return message.build();
    }

    private static ModelInferRequest.Builder begin(String model, InferenceRequest request) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .setModelVersion(request.version())
                .setId(request.id());
    }

    private static InferInputTensor.Builder described(Tensor input) {
        InferInputTensor.Builder tensor = InferInputTensor.newBuilder()
                .setName(input.name())
                .setDatatype(input.type().name());
        for (long dimension : input.shape()) {
            tensor.addShape(dimension);
        }
        return tensor;
    }

    /**
     * @param lease where outputs may lie
     * @throws RunnerException of kind PROTOCOL when the parts do not fit each other
     */
    static Inference answer(ModelInferResponse message, Optional<Lease> lease) {
        if (message.getRawOutputContentsCount() != message.getOutputsCount()) {
            throw new RunnerException(
                    RunnerException.Kind.PROTOCOL,
                    "model " + message.getModelName() + " answered " + message.getOutputsCount() + " outputs with "
                            + message.getRawOutputContentsCount() + " raw_output_contents; each needs one");
        }
        List<Tensor> outputs = new ArrayList<>(message.getOutputsCount());
        boolean shared = false;
        for (int i = 0; i < message.getOutputsCount(); i++) {
            InferOutputTensor said = message.getOutputs(i);
            boolean there = said.containsParameters(Placing.REGION);
            shared |= there;
            outputs.add(tensor(said, message.getRawOutputContents(i), there ? lease : Optional.empty()));
        }
        return new Inference(
                message.getModelName(),
                message.getModelVersion(),
                message.getId(),
                outputs,
                shared ? lease : Optional.empty());
    }

    private static Tensor tensor(InferOutputTensor said, ByteString bytes, Optional<Lease> lease) {
        long[] shape = said.getShapeList().stream().mapToLong(Long::longValue).toArray();
        TensorType type = TensorType.of(said.getName(), said.getDatatype());
        try {
            if (lease.isEmpty()) {
                return new Tensor(said.getName(), type, shape, bytes.asReadOnlyByteBuffer(), () -> false);
            }
            int offset =
                    Math.toIntExact(said.getParametersOrThrow(Placing.OFFSET).getInt64Param());
            int size = Math.multiplyExact(
                    Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact)), type.bytes());
            return new Tensor(said.getName(), type, shape, lease.get().view(offset, size), lease.get()::over);
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw new RunnerException(
                    RunnerException.Kind.PROTOCOL, "output " + said.getName() + ": " + e.getMessage(), e);
        }
    }
}
