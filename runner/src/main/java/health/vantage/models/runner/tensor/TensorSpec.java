package health.vantage.models.runner.tensor;

/** One input or output as the loaded model declares it. */
public record TensorSpec(String name, DataType type, Shape shape) {
    @Override
    public String toString() {
        return name + " " + type + shape;
    }
}
