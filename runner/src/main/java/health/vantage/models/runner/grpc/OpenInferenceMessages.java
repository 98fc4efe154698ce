package health.vantage.models.runner.grpc;

import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.openinference.FormParameter;
import health.vantage.models.runner.openinference.Parameters;
import health.vantage.models.runner.openinference.RegionParameter;
import health.vantage.models.runner.proto.v2.InferParameter;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelInferResponse.InferOutputTensor;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.InferenceCall.Given;
import health.vantage.models.runner.serve.InferenceCall.OutputChoice;
import health.vantage.models.runner.serve.InferenceCall.Wanted;
import health.vantage.models.runner.serve.OutputPlace;
import health.vantage.models.runner.serve.Payload;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Between the protocol's messages and a call. Raw contents only travel back; typed ones are taken as well. */
final class OpenInferenceMessages {
    private static final ByteBuffer IN_SHARED_MEMORY = ByteBuffer.allocate(0);

    private OpenInferenceMessages() {}

    /**
     * The caller closes the inputs' payloads.
     *
     * @param contents raw ones, one for each input whose bytes are not in shared memory, or none
     * @throws Refusal of kind INVALID
     */
    static InferenceCall call(
            ModelInferRequest request,
            List<? extends Payload> contents,
            SharedRegions regions,
            Cancellation cancellation) {
        List<InferInputTensor> tensors = request.getInputsList();
        List<Optional<RegionParameter>> places = tensors.stream()
                .map(tensor -> RegionParameter.of(parameters("input " + tensor.getName(), tensor.getParametersMap())))
                .toList();
        long inMessage = places.stream().filter(Optional::isEmpty).count();
        if (!contents.isEmpty() && contents.size() != inMessage) {
            throw invalid(inMessage + " inputs with " + contents.size()
                    + " raw_input_contents; each input that is not in shared memory needs one");
        }
        List<Given> inputs = new ArrayList<>(tensors.size());
        List<Wanted> outputs = new ArrayList<>(request.getOutputsCount());
        boolean whole = false;
        try {
            Iterator<? extends Payload> raw = contents.iterator();
            for (int i = 0; i < tensors.size(); i++) {
                InferInputTensor tensor = tensors.get(i);
                Optional<RegionParameter> place = places.get(i);
                if (place.isPresent() && tensor.hasContents()) {
                    throw invalid("input " + tensor.getName() + " has contents and is in shared memory");
                }
                inputs.add(
                        place.isPresent()
                                ? given(tensor, place.get().slice(regions))
                                : given(tensor, raw.hasNext() ? raw.next() : null));
            }
            for (InferRequestedOutputTensor output : request.getOutputsList()) {
                outputs.add(wanted(output, regions));
            }
            InferenceCall call =
                    new InferenceCall(request.getModelName(), inputs, outputs, OutputChoice.ALL, cancellation);
            whole = true;
            return call;
        } finally {
            if (!whole) {
                inputs.forEach(input -> input.data().close());
                outputs.forEach(output -> output.place().ifPresent(OutputPlace::close));
            }
        }
    }

    /** Then a few bytes name as many as a region holds, and these may have to be looked at. */
    static boolean readsSharedMemory(ModelInferRequest request) {
        for (InferInputTensor input : request.getInputsList()) {
            if (input.containsParameters(RegionParameter.REGION)) {
                return true;
            }
        }
        return false;
    }

    private static Wanted wanted(InferRequestedOutputTensor output, SharedRegions regions) {
        Parameters parameters = parameters("output " + output.getName(), output.getParametersMap());
        return new Wanted(
                output.getName(),
                FormParameter.of(parameters),
                RegionParameter.of(parameters).map(place -> place.slice(regions)));
    }

    static Parameters parameters(String of, Map<String, InferParameter> given) {
        Map<String, Object> values = new HashMap<>();
        given.forEach((name, value) -> {
            switch (value.getParameterChoiceCase()) {
                case BOOL_PARAM -> values.put(name, value.getBoolParam());
                case INT64_PARAM -> values.put(name, value.getInt64Param());
                case UINT64_PARAM -> values.put(name, value.getUint64Param());
                case DOUBLE_PARAM -> values.put(name, value.getDoubleParam());
                case STRING_PARAM -> values.put(name, value.getStringParam());
                case PARAMETERCHOICE_NOT_SET -> {}
            }
        });
        return new Parameters(of, values);
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
            if (raw != null) {
                raw.close();
            }
            throw invalid("input " + tensor.getName() + ": " + e.getMessage());
        }
    }

    /** What is in shared memory has empty raw contents, so that the others keep their place. */
    static Outgoing<ModelInferResponse> response(ModelInferRequest request, Answer answer) {
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(answer.model())
                .setModelVersion(answer.version())
                .setId(request.getId());
        List<ByteBuffer> contents = new ArrayList<>(answer.outputs().size());
        Map<String, InferRequestedOutputTensor> asked = request.getOutputsList().stream()
                .collect(Collectors.toMap(InferRequestedOutputTensor::getName, Function.identity()));
        for (Tensor tensor : answer.outputs()) {
            InferOutputTensor.Builder output = InferOutputTensor.newBuilder()
                    .setName(tensor.name())
                    .setDatatype(tensor.type().name())
                    .addAllShape(Arrays.stream(tensor.shape().toArray()).boxed().toList());
            Map<String, InferParameter> parameters =
                    asked.containsKey(tensor.name()) ? asked.get(tensor.name()).getParametersMap() : Map.of();
            if (parameters.containsKey(RegionParameter.REGION)) {
                output.putParameters(RegionParameter.REGION, parameters.get(RegionParameter.REGION))
                        .putParameters(
                                RegionParameter.SIZE,
                                InferParameter.newBuilder()
                                        .setInt64Param(tensor.data().bytes().capacity())
                                        .build());
                if (parameters.containsKey(RegionParameter.OFFSET)) {
                    output.putParameters(RegionParameter.OFFSET, parameters.get(RegionParameter.OFFSET));
                }
                contents.add(IN_SHARED_MEMORY);
            } else {
                contents.add(Reply.bytes(tensor));
            }
            response.addOutputs(output);
        }
        return new Outgoing<>(response.build(), contents);
    }

    private static Refusal invalid(String what) {
        return new Refusal(Refusal.Kind.INVALID, what);
    }
}
