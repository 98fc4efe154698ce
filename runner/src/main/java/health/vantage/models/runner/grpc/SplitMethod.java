package health.vantage.models.runner.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Puts methods that read and write their tensors apart in the place of the generated ones.
 *
 * @param handlers where large requests are read
 * @param slow of a small request, whether it takes longer than its bytes tell
 */
record SplitMethod<Q extends MessageLite>(SplitMarshaller<Q> requests, Executor handlers, Predicate<Q> slow) {
    interface Unary<Q extends MessageLite, R extends MessageLite> {
        void answer(Split<Q> request, StreamObserver<Outgoing<R>> observer);
    }

    /** The same service with {@code method} answering {@code replaced}; reflection still finds its description. */
    <R extends MessageLite> ServerServiceDefinition unary(
            ServerServiceDefinition service,
            MethodDescriptor<Q, R> replaced,
            OutgoingMarshaller<R> replies,
            Unary<Q, R> method) {
        return replace(
                service,
                replaced.toBuilder(requests, replies).build(),
                ServerCalls.<Arriving<Q>, Outgoing<R>>asyncUnaryCall(
                        (request, observer) -> method.answer(request.read(), observer)));
    }

    /** As {@link #unary}, for a method of many requests and replies. */
    <R> ServerServiceDefinition streaming(
            ServerServiceDefinition service,
            MethodDescriptor<Q, ?> replaced,
            Marshaller<R> replies,
            Function<StreamObserver<R>, StreamObserver<Split<Q>>> method) {
        return replace(
                service,
                replaced.toBuilder(requests, replies).build(),
                ServerCalls.<Arriving<Q>, R>asyncBidiStreamingCall(observer -> new Reading<>(method.apply(observer))));
    }

    private record Reading<Q extends MessageLite>(StreamObserver<Split<Q>> requests)
            implements StreamObserver<Arriving<Q>> {
        @Override
        public void onNext(Arriving<Q> request) {
            requests.onNext(request.read());
        }

        @Override
        public void onError(Throwable cause) {
            requests.onError(cause);
        }

        @Override
        public void onCompleted() {
            requests.onCompleted();
        }
    }

    private <R> ServerServiceDefinition replace(
            ServerServiceDefinition service,
            MethodDescriptor<Arriving<Q>, R> split,
            ServerCallHandler<Arriving<Q>, R> handler) {
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
        return all.addMethod(split, inOrder(handler)).build();
    }

    private static boolean isSame(MethodDescriptor<?, ?> one, MethodDescriptor<?, ?> other) {
        return one.getFullMethodName().equals(other.getFullMethodName());
    }

    private <R> ServerCallHandler<Arriving<Q>, R> inOrder(ServerCallHandler<Arriving<Q>, R> handler) {
        return new ServerCallHandler<>() {
            @Override
            public ServerCall.Listener<Arriving<Q>> startCall(ServerCall<Arriving<Q>, R> call, Metadata headers) {
                return new CallEvents<>(call, handler.startCall(call, headers), slow, handlers);
            }
        };
    }
}
