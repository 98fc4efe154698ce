package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Text tensors through ONNX Runtime's Java binding. It passes texts as JNI's modified UTF-8, which differs from UTF-8 for U+0000 and beyond
 * U+FFFF: the model would see other bytes than were sent.
 */
final class OnnxTexts {
    private OnnxTexts() {}

    static Optional<String> objection(Tensor tensor) {
        String[] texts = Texts.read(tensor.data().bytes(), tensor.shape().elements());
        for (int i = 0; i < texts.length; i++) {
            if (texts[i].chars().anyMatch(unit -> unit == 0 || Character.isSurrogate((char) unit))) {
                return Optional.of(
                        "input " + tensor.name() + ": element " + i
                                + " has a character that ONNX Runtime's Java binding cannot pass (U+0000, or one beyond U+FFFF)");
            }
        }
        return Optional.empty();
    }

    static OnnxTensor feed(OrtEnvironment environment, Tensor tensor) throws OrtException {
        return OnnxTensor.createTensor(
                environment,
                Texts.read(tensor.data().bytes(), tensor.shape().elements()),
                tensor.shape().toArray());
    }

    static TensorBuffer read(OnnxTensor value, String output, OutputMemory memory) throws OrtException {
        List<String> flat = new ArrayList<>();
        if (value.getInfo().getNumElements() > 0) {
            flatten(value.getValue(), flat);
        }
        byte[][] elements = Texts.utf8(flat.toArray(String[]::new));
        TensorBuffer buffer = memory.lend(output, Texts.size(elements));
        Texts.write(elements, buffer.bytes());
        return buffer;
    }

    /** The binding nests arrays as deep as the tensor has dimensions. */
    private static void flatten(Object value, List<String> flat) {
        if (value instanceof Object[] array) {
            for (Object element : array) {
                flatten(element, flat);
            }
        } else {
            flat.add((String) value);
        }
    }
}
