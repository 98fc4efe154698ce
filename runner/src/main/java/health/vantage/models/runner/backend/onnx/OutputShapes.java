package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtException;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which shape an output will have, where memory can be prepared for it: the declared one where that is complete, else the one that the same input shapes gave before. A
 * model whose output shape depends on the values breaks the second rule once; ONNX Runtime then refuses the prepared memory, and
 * the output is never predicted again.
 */
final class OutputShapes {
    /** Callers choose open dimensions freely; what is remembered of them must be bounded. */
    private static final int MAX_KNOWN = 256;

    /** Of ONNX Runtime, when prepared memory has another shape than the output: which one depends on how the operator allocates. */
    private static final List<String> REFUSALS =
            List.of("shape verification failed", "Expected shape", "computed output shape for this run");

    private final Map<List<Shape>, Map<String, Shape>> known = new ConcurrentHashMap<>();
    private final Set<String> unpredictable = ConcurrentHashMap.newKeySet();

    Map<String, Shape> expect(List<Shape> inputs, List<TensorSpec> outputs) {
        Map<String, Shape> learnt = known.getOrDefault(inputs, Map.of());
        Map<String, Shape> expected = new HashMap<>();
        for (TensorSpec output : outputs) {
            Shape shape = output.shape().isConcrete() ? output.shape() : learnt.get(output.name());
            if (shape != null && OnnxTypes.isPassable(output.type()) && !unpredictable.contains(output.name())) {
                expected.put(output.name(), shape);
            }
        }
        return expected;
    }

    void learn(List<Shape> inputs, TensorSpec output, Shape shape) {
        if (unpredictable.contains(output.name()) || inputs.isEmpty()) {
            return;
        }
        if (known.size() < MAX_KNOWN || known.containsKey(inputs)) {
            known.computeIfAbsent(inputs, any -> new ConcurrentHashMap<>()).put(output.name(), shape);
        }
    }

    /** Whether the failure was a wrong prediction; if so these outputs are not predicted any more. */
    boolean forget(OrtException failure, List<String> outputs) {
        String message = String.valueOf(failure.getMessage());
        if (REFUSALS.stream().noneMatch(message::contains)) {
            return false;
        }
        return unpredictable.addAll(outputs);
    }
}
