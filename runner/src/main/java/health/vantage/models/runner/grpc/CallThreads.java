package health.vantage.models.runner.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Which threads take a call's events. Of unary inference the event loop itself, see {@link CallEvents}: nothing on its way to the model's queue
 * waits. All else the handlers: streams write large answers under a lock, registering memory maps files, and compressed requests cannot be
 * put off, as gRPC unpacks them while they are read.
 */
final class CallThreads implements ServerCallExecutorSupplier {
    private static final Metadata.Key<String> ENCODING =
            Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);

    private static final String UNCOMPRESSED = "identity";

    private final Set<String> prompt;
    private final Executor handlers;

    /** @param prompt the full names of the methods that never wait */
    CallThreads(Set<String> prompt, Executor handlers) {
        this.prompt = prompt;
        this.handlers = handlers;
    }

    @Override
    public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
        String encoding = headers.get(ENCODING);
        boolean plain = encoding == null || encoding.equals(UNCOMPRESSED);
        // Empty: as the call came, on its event loop.
        return plain && prompt.contains(call.getMethodDescriptor().getFullMethodName()) ? null : handlers;
    }
}
