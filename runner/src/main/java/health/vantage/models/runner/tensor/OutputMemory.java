package health.vantage.models.runner.tensor;

/** Where the memory of a model's outputs comes from: a {@link TensorPool}, or what a caller has set aside for one of them. */
@FunctionalInterface
public interface OutputMemory {
    /**
     * @param output its name
     * @return a buffer of exactly {@code size} bytes with undefined contents, the caller's to close
     */
    TensorBuffer lend(String output, long size);
}
