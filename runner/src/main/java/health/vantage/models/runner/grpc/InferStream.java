package health.vantage.models.runner.grpc;

import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.openinference.ModelDirectory;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.Inferences.Receiver;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.Tensor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * One {@code ModelStreamInfer}: several requests inside at a time, answers in the order of the requests. A request that fails is answered by
 * its id and a sentence, and the stream goes on. Of a client that does not read its answers no more requests are taken.
 */
final class InferStream implements StreamObserver<Split<ModelInferRequest>> {
    /** Requests of one stream that are inside or whose answer has not left. */
    private static final int WINDOW = 8;

    private final ServerCallStreamObserver<StreamReply> call;
    private final Inferences inferences;
    private final ModelDirectory models;
    private final SharedRegions regions;
    private final Deque<Pending> pending = new ArrayDeque<>();
    /** Of answers that gRPC has taken but may still hold. */
    private final List<ByteBudget.Share> written = new ArrayList<>();

    private boolean halfClosed;
    private boolean over;

    InferStream(
            StreamObserver<StreamReply> observer, Inferences inferences, ModelDirectory models, SharedRegions regions) {
        this.call = (ServerCallStreamObserver<StreamReply>) observer;
        this.inferences = inferences;
        this.models = models;
        this.regions = regions;
        call.disableAutoRequest();
        call.setOnReadyHandler(this::write);
        call.setOnCancelHandler(this::stop);
        call.setOnCloseHandler(this::stop);
        call.request(WINDOW);
    }

    @Override
    public void onNext(Split<ModelInferRequest> split) {
        Pending request = new Pending(split.message());
        synchronized (this) {
            if (over) {
                split.close();
                return;
            }
            pending.add(request);
        }
        try (split) {
            request.submit(split);
        } catch (Refusal refusal) {
            request.refuse(refusal);
        }
    }

    /** Sends what is answered, as far as the client reads. */
    private synchronized void write() {
        while (!over && call.isReady()) {
            written.forEach(ByteBudget.Share::close);
            written.clear();
            Pending first = pending.peek();
            if (first == null || first.replies.isEmpty()) {
                break;
            }
            call.onNext(first.replies.remove());
            if (first.replies.isEmpty()) {
                pending.remove();
                first.sent();
                call.request(1);
            }
        }
        if (halfClosed && pending.isEmpty() && !over) {
            over = true;
            call.onCompleted();
        }
    }

    @Override
    public synchronized void onCompleted() {
        halfClosed = true;
        write();
    }

    @Override
    public void onError(Throwable cause) {
        stop();
    }

    private void stop() {
        List<Pending> left;
        synchronized (this) {
            over = true;
            left = List.copyOf(pending);
            pending.clear();
            written.forEach(ByteBudget.Share::close);
            written.clear();
            left.forEach(Pending::drop);
        }
        // Outside the lock: it may run refusals that come back here.
        left.forEach(request -> request.cancellation.cancel());
    }

    /** One request, until its last reply has been handed to gRPC. */
    private final class Pending implements Receiver {
        private final ModelInferRequest request;
        private final Cancellation cancellation = new Cancellation();
        private final Deque<StreamReply> replies = new ArrayDeque<>();
        private Optional<Answer> answer = Optional.empty();
        private Optional<Integer> chunk = Optional.empty();

        Pending(ModelInferRequest request) {
            this.request = request;
        }

        void submit(Split<ModelInferRequest> split) {
            chunk = StreamPieces.chunk(request);
            models.checkVersion(request.getModelName(), request.getModelVersion());
            InferenceCall asked = OpenInferenceMessages.call(request, split.tensors(), regions, cancellation);
            try {
                inferences.submit(asked, this);
            } finally {
                asked.inputs().forEach(input -> input.data().close());
            }
        }

        @Override
        public void answer(Answer given) {
            synchronized (InferStream.this) {
                if (over) {
                    given.close();
                    return;
                }
                answer = Optional.of(given);
                StreamPieces.of(request, given, chunk).forEach(piece -> replies.add(new StreamReply("", piece)));
                write();
            }
        }

        @Override
        public void refuse(Refusal refusal) {
            synchronized (InferStream.this) {
                if (!over) {
                    // The id, so that the client knows which one failed.
                    ModelInferResponse id = ModelInferResponse.newBuilder()
                            .setId(request.getId())
                            .build();
                    replies.add(new StreamReply(refusal.getMessage(), new Outgoing<>(id, List.of())));
                    write();
                }
            }
        }

        void sent() {
            answer.ifPresent(given -> {
                given.outputs().forEach(Tensor::close);
                written.add(given.share());
            });
        }

        void drop() {
            answer.ifPresent(Answer::close);
        }
    }
}
