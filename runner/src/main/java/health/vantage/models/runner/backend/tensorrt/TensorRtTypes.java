package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.IoTensor;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorSpec;

/** Between TensorRT's words for tensors and ours. */
final class TensorRtTypes {
    private TensorRtTypes() {}

    /** @throws BackendException for a tensor that cannot travel: its type, its layout, or values read on the host */
    static TensorSpec spec(IoTensor tensor) throws BackendException {
        if (!tensor.format().equals("kLINEAR")) {
            throw new BackendException("\"" + tensor.name() + "\" of the engine is laid out as " + tensor.format()
                    + "; only row-major tensors (kLINEAR) are served: build it with linear inputs and outputs");
        }
        if (tensor.shapeTensor()) {
            throw new BackendException("\"" + tensor.name()
                    + "\" of the engine is a shape tensor, whose values decide shapes; such engines are not served");
        }
        return new TensorSpec(tensor.name(), type(tensor), Shape.of(tensor.shape()));
    }

    private static DataType type(IoTensor tensor) throws BackendException {
        return switch (tensor.type()) {
            case "kFLOAT" -> DataType.FP32;
            case "kHALF" -> DataType.FP16;
            case "kBF16" -> DataType.BF16;
            case "kINT8" -> DataType.INT8;
            case "kINT32" -> DataType.INT32;
            case "kINT64" -> DataType.INT64;
            case "kUINT8" -> DataType.UINT8;
            case "kBOOL" -> DataType.BOOL;
            default ->
                throw new BackendException("\"" + tensor.name() + "\" of the engine holds " + tensor.type()
                        + ", which no protocol here carries; build it with another type at its border");
        };
    }
}
