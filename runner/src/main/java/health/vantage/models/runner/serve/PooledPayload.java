package health.vantage.models.runner.serve;

import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.util.concurrent.atomic.AtomicReference;

/** Bytes that were read from the network straight into the pool's memory. */
public final class PooledPayload implements Payload {
    private final AtomicReference<TensorBuffer> buffer;
    private final int size;

    public PooledPayload(TensorBuffer buffer) {
        this.buffer = new AtomicReference<>(buffer);
        this.size = buffer.bytes().capacity();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public TensorBuffer take(TensorPool pool) {
        TensorBuffer taken = buffer.getAndSet(null);
        if (taken == null) {
            throw new IllegalStateException("the bytes of this request are gone: it was cancelled");
        }
        return taken;
    }

    @Override
    public void close() {
        TensorBuffer left = buffer.getAndSet(null);
        if (left != null) {
            left.close();
        }
    }
}
