package health.vantage.models.client;

import java.util.List;

/**
 * One answer.
 *
 * @param version of the model that computed it
 * @param outputs in the order they were asked for, else the model's
 */
public record Inference(String model, String version, String id, List<Tensor> outputs) {
    public Inference {
        outputs = List.copyOf(outputs);
    }

    /** The only output. @throws IllegalStateException when there are others */
    public Tensor output() {
        if (outputs.size() != 1) {
            throw new IllegalStateException("model " + model + " gave " + outputs + "; name one");
        }
        return outputs.getFirst();
    }

    /** @throws IllegalArgumentException when there is none of this name */
    public Tensor output(String name) {
        return outputs.stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "model " + model + " gave no output \"" + name + "\" but " + outputs));
    }
}
