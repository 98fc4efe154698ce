package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.ModelMetadataResponse;
import health.vantage.models.runner.proto.v2.ModelMetadataResponse.TensorMetadata;
import java.util.List;

/**
 * What a model takes and gives.
 *
 * @param platform such as {@code onnx}
 */
public record ModelDescription(
        String name, List<String> versions, String platform, List<Port> inputs, List<Port> outputs) {
    /** @param type by the protocol's name; @param shape -1 where a dimension is open */
    public record Port(String name, String type, List<Long> shape) {}

    static ModelDescription of(ModelMetadataResponse said) {
        return new ModelDescription(
                said.getName(),
                List.copyOf(said.getVersionsList()),
                said.getPlatform(),
                ports(said.getInputsList()),
                ports(said.getOutputsList()));
    }

    private static List<Port> ports(List<TensorMetadata> tensors) {
        return tensors.stream()
                .map(tensor -> new Port(tensor.getName(), tensor.getDatatype(), List.copyOf(tensor.getShapeList())))
                .toList();
    }
}
