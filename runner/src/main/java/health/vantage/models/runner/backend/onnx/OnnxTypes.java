package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorSpec;

/** Between ONNX Runtime's words for tensors and ours. */
final class OnnxTypes {
    private OnnxTypes() {}

    /** @throws BackendException for what the binding cannot pass in, naming it */
    static TensorSpec input(NodeInfo node) throws BackendException {
        TensorSpec spec = spec(node);
        if (spec.type().isFixedWidth()) {
            javaType(spec.name(), spec.type());
        }
        return spec;
    }

    static TensorSpec output(NodeInfo node) throws BackendException {
        return spec(node);
    }

    private static TensorSpec spec(NodeInfo node) throws BackendException {
        if (!(node.getInfo() instanceof TensorInfo info)) {
            throw new BackendException(
                    "\"" + node.getName() + "\" of the model is " + node.getInfo() + "; only plain tensors are served");
        }
        return new TensorSpec(node.getName(), type(node.getName(), info), Shape.of(info.getShape()));
    }

    private static DataType type(String name, TensorInfo info) throws BackendException {
        return switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FP16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BF16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FP32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FP64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DataType.BYTES;
            default ->
                throw new BackendException("\"" + name + "\" of the model holds " + info.onnxType
                        + ", which the inference protocols have no type for");
        };
    }

    /** Whether the binding can be given memory of this type to read from or to compute into. */
    static boolean isPassable(DataType type) {
        return switch (type) {
            case UINT16, UINT32, UINT64, BYTES -> false;
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64 -> true;
        };
    }

    static OnnxJavaType javaType(String name, DataType type) throws BackendException {
        return switch (type) {
            case BOOL -> OnnxJavaType.BOOL;
            case UINT8 -> OnnxJavaType.UINT8;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case FP16 -> OnnxJavaType.FLOAT16;
            case BF16 -> OnnxJavaType.BFLOAT16;
            case FP32 -> OnnxJavaType.FLOAT;
            case FP64 -> OnnxJavaType.DOUBLE;
            case UINT16, UINT32, UINT64, BYTES ->
                throw new BackendException("\"" + name + "\" of the model takes " + type
                        + ", and ONNX Runtime's Java binding cannot pass such memory in; cast within the model");
        };
    }
}
