package health.vantage.models.runner.grpc;

import health.vantage.models.runner.access.Access;
import health.vantage.models.runner.access.Access.Credentials;
import health.vantage.models.runner.access.AccessDenied;
import health.vantage.models.runner.access.Client;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Caller;
import health.vantage.models.runner.serve.Refusal;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.Set;

/**
 * Asks who calls before a byte of the request is read. Open to all who can connect is only {@code grpc.health.v1}, which a kubelet's probe
 * asks without a token; reflection is not: it tells which services there are.
 */
final class AccessInterceptor implements ServerInterceptor {
    private static final Set<String> OPEN = Set.of("grpc.health.v1.Health");
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** W3C Trace Context. */
    private static final Metadata.Key<String> TRACE_PARENT =
            Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

    private final Access access;

    AccessInterceptor(Access access) {
        this.access = access;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (OPEN.contains(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        try {
            Client client = access.client(credentials(call, headers));
            ByteBudget.Share slot = client.begin();
            // Nobody behind this may print it by mistake.
            headers.discardAll(AUTHORIZATION);
            Caller caller = client.with(Optional.ofNullable(headers.get(TRACE_PARENT)));
            return begin(call, headers, next, caller, slot);
        } catch (AccessDenied denied) {
            return refuse(
                    call,
                    Status.UNAUTHENTICATED.withDescription(denied.getMessage()).asRuntimeException(new Metadata()));
        } catch (Refusal refusal) {
            return refuse(call, Statuses.of(refusal));
        }
    }

    private static <Q, R> ServerCall.Listener<Q> begin(
            ServerCall<Q, R> call,
            Metadata headers,
            ServerCallHandler<Q, R> next,
            Caller caller,
            ByteBudget.Share slot) {
        boolean begun = false;
        try {
            ServerCall.Listener<Q> listener =
                    ScopedValue.where(Caller.CURRENT, caller).call(() -> next.startCall(call, headers));
            begun = true;
            return new Counted<>(listener, caller, slot);
        } finally {
            if (!begun) {
                slot.close();
            }
        }
    }

    private static <Q, R> ServerCall.Listener<Q> refuse(ServerCall<Q, R> call, StatusRuntimeException why) {
        call.close(why.getStatus(), why.getTrailers());
        return new ServerCall.Listener<>() {};
    }

    private static Credentials credentials(ServerCall<?, ?> call, Metadata headers) {
        return new Credentials(
                Optional.ofNullable(headers.get(AUTHORIZATION)),
                Optional.ofNullable(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
                        .flatMap(Credentials::shownIn),
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    /** A call that knows whose it is, and counts until it has ended. */
    private static final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Caller caller;
        private final ByteBudget.Share slot;

        Counted(ServerCall.Listener<Q> listener, Caller caller, ByteBudget.Share slot) {
            super(listener);
            this.caller = caller;
            this.slot = slot;
        }

        @Override
        public void onMessage(Q message) {
            as(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            as(super::onHalfClose);
        }

        @Override
        public void onCancel() {
            slot.close();
            as(super::onCancel);
        }

        @Override
        public void onComplete() {
            slot.close();
            as(super::onComplete);
        }

        @Override
        public void onReady() {
            as(super::onReady);
        }

        private void as(Runnable event) {
            ScopedValue.where(Caller.CURRENT, caller).run(event);
        }
    }
}
