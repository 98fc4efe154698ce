package health.vantage.models.runner.tensor;

/** A tensor's values: little-endian, row-major, in a buffer of exactly {@code shape.bytes(type)} bytes that this tensor owns. */
public record Tensor(String name, DataType type, Shape shape, TensorBuffer data) implements AutoCloseable {
    public Tensor {
        if (data.bytes().capacity() != shape.bytes(type)) {
            throw new IllegalArgumentException("tensor " + name + " " + type + shape + " needs " + shape.bytes(type)
                    + " bytes, its buffer has " + data.bytes().capacity());
        }
    }

    /** Gives the buffer back to its pool. */
    @Override
    public void close() {
        data.close();
    }
}
