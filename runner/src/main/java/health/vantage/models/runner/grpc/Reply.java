package health.vantage.models.runner.grpc;

import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Inferences.Receiver;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.Tensor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Answers one unary call, once. The outputs count against the node's budget until gRPC has handed the bytes to the network or given up:
 * it queues whole messages, so slow readers of large outputs would otherwise take all memory.
 */
final class Reply<T> implements Receiver {
    private final ServerCallStreamObserver<T> call;
    private final Function<Answer, T> message;
    private final Cancellation cancellation = new Cancellation();
    private final AtomicReference<ByteBudget.Share> held = new AtomicReference<>();

    Reply(StreamObserver<T> observer, Function<Answer, T> message) {
        this.call = (ServerCallStreamObserver<T>) observer;
        this.message = message;
        call.setOnCancelHandler(() -> {
            cancellation.cancel();
            letGo();
        });
        call.setOnCloseHandler(this::letGo);
    }

    /** Cancelled when the client goes away or its deadline passes. */
    Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public void answer(Answer answer) {
        held.set(answer.share());
        try {
            // Written out inside onNext: the tensors' memory is free afterwards.
            call.onNext(message.apply(answer));
            call.onCompleted();
        } finally {
            answer.outputs().forEach(Tensor::close);
            if (call.isCancelled()) {
                letGo();
            }
        }
    }

    @Override
    public void refuse(Refusal refusal) {
        if (!call.isCancelled()) {
            call.onError(Statuses.of(refusal));
        }
    }

    /** The tensor's memory, without a copy; valid until the tensor is closed. */
    static ByteBuffer bytes(Tensor tensor) {
        return tensor.data().bytes().duplicate().clear();
    }

    private void letGo() {
        ByteBudget.Share share = held.getAndSet(null);
        if (share != null) {
            share.close();
        }
    }
}
