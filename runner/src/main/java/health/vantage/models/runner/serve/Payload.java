package health.vantage.models.runner.serve;

import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.nio.ByteBuffer;

/** The bytes of one input as they came: little-endian, row-major. Whoever made it closes it; taking first is fine. */
public interface Payload extends AutoCloseable {
    /** In bytes. */
    int size();

    /**
     * The bytes in the pool's memory, from then on the caller's; at most once.
     *
     * @throws IllegalStateException when they were taken or closed before
     */
    TensorBuffer take(TensorPool pool);

    /** Whether the bytes take this node's memory, which is bounded; those in a caller's own do not. */
    default boolean takesOurMemory() {
        return true;
    }

    /** Frees what was not taken. */
    @Override
    void close();

    /** Bytes elsewhere, copied when they are taken: read before {@code submit} returns. */
    static Payload copyOf(ByteBuffer bytes) {
        return new Payload() {
            @Override
            public int size() {
                return bytes.remaining();
            }

            @Override
            public TensorBuffer take(TensorPool pool) {
                TensorBuffer buffer = pool.lend(bytes.remaining());
                buffer.bytes().put(bytes.duplicate()).clear();
                return buffer;
            }

            @Override
            public void close() {}
        };
    }
}
