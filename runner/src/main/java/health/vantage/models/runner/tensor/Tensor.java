package health.vantage.models.runner.tensor;

/**
 * A tensor's values: little-endian, row-major, in a buffer that this tensor owns, of exactly {@code shape.bytes(type)} bytes, or at least
 * as many for BYTES.
 */
public record Tensor(String name, DataType type, Shape shape, TensorBuffer data) implements AutoCloseable {
    public Tensor {
        long least = shape.bytes(type);
        if (data.bytes().capacity() < least
                || type.isFixedWidth() && data.bytes().capacity() > least) {
            throw new IllegalArgumentException("tensor " + name + " " + type + shape + " needs " + least
                    + " bytes, its buffer has " + data.bytes().capacity());
        }
    }

    /** Gives the buffer back to its pool. */
    @Override
    public void close() {
        data.close();
    }
}
