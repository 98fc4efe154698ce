package health.vantage.models.runner.grpc;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A message whose large bytes field is written apart from the rest.
 *
 * @param message without that field
 * @param values of that field in their order, from position to limit; valid until the call's {@code onNext} returns
 */
record Outgoing<M>(M message, List<ByteBuffer> values) {}
