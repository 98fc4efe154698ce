package health.vantage.models.runner.grpc;

import com.google.protobuf.MessageLite;
import health.vantage.models.runner.serve.Caller;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one call, one after the other: on the thread that they come on, and from its first slow request on, on the handlers' threads.
 * Small requests so spare the way to another thread, and a large one does not hold up the other connections of an event loop. Frees what a
 * call that ends early has not taken.
 */
final class CallEvents<M extends MessageLite> extends ServerCall.Listener<Arriving<M>> {
    private static final Logger LOG = LoggerFactory.getLogger(CallEvents.class);

    private final ServerCall<?, ?> call;
    private final ServerCall.Listener<Arriving<M>> method;
    private final Predicate<M> slow;
    private final Executor handlers;
    private final Caller caller = Caller.current();

    /** The end of what was handed over; only the event loop touches it. */
    private CompletableFuture<Void> handedOver;

    private Arriving<M> request;

    /** @param slow of a request that is read, whether it takes longer than its bytes tell */
    CallEvents(ServerCall<?, ?> call, ServerCall.Listener<Arriving<M>> method, Predicate<M> slow, Executor handlers) {
        this.call = call;
        this.method = method;
        this.slow = slow;
        this.handlers = handlers;
    }

    @Override
    public void onMessage(Arriving<M> message) {
        if (handedOver == null && (!message.isRead() || slow.test(message.read().message()))) {
            handedOver = CompletableFuture.completedFuture(null);
        }
        next(() -> {
            free();
            request = message;
            method.onMessage(message);
        });
    }

    @Override
    public void onHalfClose() {
        next(method::onHalfClose);
    }

    @Override
    public void onCancel() {
        next(() -> {
            method.onCancel();
            free();
        });
    }

    @Override
    public void onComplete() {
        if (handedOver != null && handedOver.isDone()) {
            // Nothing is left to wait for, and the caller may ask again already: what the call took is free at once.
            handedOver = null;
        }
        next(() -> {
            method.onComplete();
            free();
        });
    }

    @Override
    public void onReady() {
        next(method::onReady);
    }

    private void next(Runnable event) {
        if (handedOver == null) {
            event.run();
        } else {
            handedOver = handedOver.thenRunAsync(() -> handle(event), handlers);
        }
    }

    /** What gRPC does on its own threads: who calls is known there, and a failure ends the call. */
    private void handle(Runnable event) {
        try {
            ScopedValue.where(Caller.CURRENT, caller).run(event);
        } catch (RuntimeException | OutOfMemoryError e) {
            Status status = e instanceof OutOfMemoryError
                    ? Status.RESOURCE_EXHAUSTED.withDescription(
                            "no memory for this request's tensors: " + e.getMessage())
                    : Status.fromThrowable(e);
            try {
                call.close(status, new Metadata());
            } catch (IllegalStateException closed) {
                closed.addSuppressed(e);
                LOG.error(
                        "a call of {} failed after its answer",
                        call.getMethodDescriptor().getFullMethodName(),
                        closed);
            }
        }
    }

    private void free() {
        if (request != null) {
            request.close();
        }
    }
}
