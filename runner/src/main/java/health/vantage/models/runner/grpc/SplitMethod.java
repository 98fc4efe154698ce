package health.vantage.models.runner.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.BidiStreamingMethod;
import io.grpc.stub.ServerCalls.UnaryMethod;

/** Puts a method that reads and writes its tensors apart in the place of the generated one. */
final class SplitMethod {
    private SplitMethod() {}

    /** The same service with {@code method} answering {@code replaced}; reflection still finds its description. */
    static <Q extends MessageLite, R extends MessageLite> ServerServiceDefinition replace(
            ServerServiceDefinition service,
            MethodDescriptor<Q, R> replaced,
            SplitMarshaller<Q> requests,
            OutgoingMarshaller<R> replies,
            UnaryMethod<Split<Q>, Outgoing<R>> method) {
        return replace(service, replaced.toBuilder(requests, replies).build(), ServerCalls.asyncUnaryCall(method));
    }

    /** As {@link #replace}, for a method of many requests and replies. */
    static <Q extends MessageLite, R> ServerServiceDefinition replaceStreaming(
            ServerServiceDefinition service,
            MethodDescriptor<Q, ?> replaced,
            SplitMarshaller<Q> requests,
            Marshaller<R> replies,
            BidiStreamingMethod<Split<Q>, R> method) {
        return replace(
                service, replaced.toBuilder(requests, replies).build(), ServerCalls.asyncBidiStreamingCall(method));
    }

    private static <Q, R> ServerServiceDefinition replace(
            ServerServiceDefinition service,
            MethodDescriptor<Split<Q>, R> split,
            ServerCallHandler<Split<Q>, R> handler) {
        ServiceDescriptor.Builder description = ServiceDescriptor.newBuilder(
                        service.getServiceDescriptor().getName())
                .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
        service.getMethods().stream()
                .map(ServerMethodDefinition::getMethodDescriptor)
                .forEach(one -> description.addMethod(isSame(one, split) ? split : one));
        ServerServiceDefinition.Builder all = ServerServiceDefinition.builder(description.build());
        service.getMethods().stream()
                .filter(one -> !isSame(one.getMethodDescriptor(), split))
                .forEach(all::addMethod);
        return all.addMethod(split, freeing(handler)).build();
    }

    private static boolean isSame(MethodDescriptor<?, ?> one, MethodDescriptor<?, ?> other) {
        return one.getFullMethodName().equals(other.getFullMethodName());
    }

    /** A call that is cancelled between its message and its half-close never reaches the method: its memory is freed here. */
    private static <Q, R> ServerCallHandler<Split<Q>, R> freeing(ServerCallHandler<Split<Q>, R> handler) {
        return new ServerCallHandler<>() {
            @Override
            public ServerCall.Listener<Split<Q>> startCall(ServerCall<Split<Q>, R> call, Metadata headers) {
                return new Freeing<>(handler.startCall(call, headers));
            }
        };
    }

    private static final class Freeing<Q> extends SimpleForwardingServerCallListener<Split<Q>> {
        private Split<Q> request;

        Freeing(ServerCall.Listener<Split<Q>> listener) {
            super(listener);
        }

        @Override
        public void onMessage(Split<Q> message) {
            if (request != null) {
                request.close();
            }
            request = message;
            super.onMessage(message);
        }

        @Override
        public void onCancel() {
            super.onCancel();
            free();
        }

        @Override
        public void onComplete() {
            super.onComplete();
            free();
        }

        private void free() {
            if (request != null) {
                request.close();
            }
        }
    }
}
