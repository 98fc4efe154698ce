package health.vantage.models.runner.openinference;

import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.proto.v2.DataType;
import health.vantage.models.runner.proto.v2.ModelConfig;
import health.vantage.models.runner.proto.v2.ModelDynamicBatching;
import health.vantage.models.runner.proto.v2.ModelInput;
import health.vantage.models.runner.proto.v2.ModelInstanceGroup;
import health.vantage.models.runner.proto.v2.ModelOutput;
import health.vantage.models.runner.proto.v2.ModelParameter;
import health.vantage.models.runner.serve.Batching;
import health.vantage.models.runner.serve.ModelLane;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * A model in the words of Triton's model configuration, for the clients that read it before they ask. Where requests are joined, {@code
 * max_batch_size} is the largest batch and the dimensions are those of one row; else it is 0 and they are complete, the first one included:
 * batches are just shapes then.
 */
final class ModelConfigs {
    private ModelConfigs() {}

    static ModelConfig of(ModelLane lane, ServedVersion version) {
        String name = lane.slot().name();
        Optional<Batching> batching = lane.batching(version);
        // Without the dimension that max_batch_size stands for.
        int skipped = batching.isPresent() ? 1 : 0;
        String format = version.contract().format();
        boolean onnx = format.equals("onnx");
        ModelConfig.Builder config = ModelConfig.newBuilder()
                .setName(name)
                .setPlatform(onnx ? "onnxruntime_onnx" : format)
                .setBackend(onnx ? "onnxruntime" : format)
                .setMaxBatchSize(batching.map(Batching::maxRows).orElse(0))
                .addInstanceGroup(ModelInstanceGroup.newBuilder()
                        .setName(name)
                        .setCount(lane.limits().parallel())
                        .setKind(
                                version.model().device().startsWith("cuda")
                                        ? ModelInstanceGroup.Kind.KIND_GPU
                                        : ModelInstanceGroup.Kind.KIND_CPU))
                .putParameters("digest", parameter(version.digest().toString()))
                .putParameters("version", parameter(version.contract().version()))
                .putParameters("precision", parameter(version.contract().precision()));
        version.model()
                .inputs()
                .forEach(input -> config.addInput(ModelInput.newBuilder()
                        .setName(input.name())
                        .setDataType(type(input.type()))
                        .addAllDims(dims(input, skipped))));
        version.model()
                .outputs()
                .forEach(output -> config.addOutput(ModelOutput.newBuilder()
                        .setName(output.name())
                        .setDataType(type(output.type()))
                        .addAllDims(dims(output, skipped))));
        batching.ifPresent(rule -> config.setDynamicBatching(ModelDynamicBatching.newBuilder()
                .addAllPreferredBatchSize(rule.preferredRows())
                .setMaxQueueDelayMicroseconds(rule.maxDelay().toNanos() / 1000)));
        return config.build();
    }

    private static List<Long> dims(TensorSpec spec, int skipped) {
        List<Long> all = ModelDirectory.dims(spec.shape());
        return all.subList(skipped, all.size());
    }

    private static ModelParameter parameter(String value) {
        return ModelParameter.newBuilder().setStringValue(value).build();
    }

    private static DataType type(health.vantage.models.runner.tensor.DataType type) {
        return switch (type) {
            case BOOL -> DataType.TYPE_BOOL;
            case UINT8 -> DataType.TYPE_UINT8;
            case UINT16 -> DataType.TYPE_UINT16;
            case UINT32 -> DataType.TYPE_UINT32;
            case UINT64 -> DataType.TYPE_UINT64;
            case INT8 -> DataType.TYPE_INT8;
            case INT16 -> DataType.TYPE_INT16;
            case INT32 -> DataType.TYPE_INT32;
            case INT64 -> DataType.TYPE_INT64;
            case FP16 -> DataType.TYPE_FP16;
            case BF16 -> DataType.TYPE_BF16;
            case FP32 -> DataType.TYPE_FP32;
            case FP64 -> DataType.TYPE_FP64;
            case BYTES -> DataType.TYPE_STRING;
        };
    }
}
