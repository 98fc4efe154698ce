package health.vantage.models.runner.grpc;

import health.vantage.models.runner.serve.PooledPayload;
import java.util.List;

/**
 * A message whose large bytes field was read apart from the rest.
 *
 * @param message without that field
 * @param tensors its values in the order they came
 */
record Split<M>(M message, List<PooledPayload> tensors) implements AutoCloseable {
    /** Frees what nobody took. */
    @Override
    public void close() {
        tensors.forEach(PooledPayload::close);
    }
}
