package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.IoTensor;
import health.vantage.models.runner.tensor.Shape;
import java.util.Optional;

/** The shapes of one input that an engine was built for: its first optimization profile. */
record Profile(String input, Shape least, Shape most) {
    static Profile of(IoTensor tensor) {
        return new Profile(tensor.name(), Shape.of(tensor.least()), Shape.of(tensor.most()));
    }

    /** Why a shape is outside, as a sentence; TensorRT's own refusal would count as a failure of the model. */
    Optional<String> objection(Shape shape) {
        for (int i = 0; i < shape.rank() && i < least.rank(); i++) {
            if (shape.dim(i) < least.dim(i) || shape.dim(i) > most.dim(i)) {
                return Optional.of("input " + input + " has the shape " + shape + ", and the engine was built for "
                        + least + " to " + most);
            }
        }
        return Optional.empty();
    }
}
