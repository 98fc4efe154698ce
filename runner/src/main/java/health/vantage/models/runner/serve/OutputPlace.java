package health.vantage.models.runner.serve;

import health.vantage.models.runner.tensor.TensorBuffer;

/** Memory that a caller has set aside for one output. Whoever holds it closes it; buffers lent from it may live longer. */
public interface OutputPlace extends AutoCloseable {
    /** Whether a model may compute straight into it; else it is written afterwards, by {@link #put}. */
    boolean isDirect();

    /**
     * The first {@code size} bytes.
     *
     * @throws Refusal of kind INVALID when it is smaller
     */
    TensorBuffer lend(String output, long size);

    /**
     * Copies an output into it.
     *
     * @throws Refusal of kind INVALID when it is smaller
     */
    void put(String output, TensorBuffer from);

    @Override
    void close();
}
