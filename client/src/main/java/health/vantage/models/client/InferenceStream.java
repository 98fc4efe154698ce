package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many requests to one model over one call, answered in their order: for frames of a video or slices of a volume, where the next is sent
 * while the one before is computed. For one thread that sends, or several that do not mind the order between them.
 *
 * <p>A request that fails does not end the stream. What ends the stream fails all that wait; nothing is tried again, since the caller
 * knows best whether a frame is still of interest.
 */
public final class InferenceStream implements AutoCloseable {
    /** As many as a runner takes of one stream; one more waits in {@link #send}. */
    private static final int WINDOW = 8;

    private final String model;
    private final Duration deadline;
    private final Semaphore room = new Semaphore(WINDOW);
    private final Deque<CompletableFuture<Inference>> waiting = new ArrayDeque<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private ClientCallStreamObserver<ModelInferRequest> requests;
    private Optional<RunnerException> end = Optional.empty();

    private InferenceStream(String model, Duration deadline) {
        this.model = model;
        this.deadline = deadline;
    }

    /** @param deadline for each request, from when it is sent */
    static InferenceStream open(String model, GRPCInferenceServiceStub stub, Duration deadline) {
        InferenceStream stream = new InferenceStream(model, deadline);
        stub.modelStreamInfer(stream.new Answers());
        return stream;
    }

    /**
     * Waits while {@value #WINDOW} requests are under way.
     *
     * @return fails with a {@link RunnerException}; cancelling it does not take the request back
     * @throws RunnerException when the stream has ended, or this thread is interrupted, which sends nothing
     */
    public CompletableFuture<Inference> send(InferenceRequest request) {
        ModelInferRequest message = Messages.request(model, request);
        try {
            room.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunnerException(RunnerException.Kind.CANCELLED, "interrupted before a request was sent", e);
        }
        CompletableFuture<Inference> answer = new CompletableFuture<>();
        Duration atMost = request.deadline().orElse(deadline);
        synchronized (this) {
            if (end.isPresent()) {
                room.release();
                throw new RunnerException(end.get().kind(), end.get().getMessage(), end.get());
            }
            waiting.add(answer);
            // Under the lock: answers come in the order in which this was called.
            requests.onNext(message);
        }
        CompletableFuture<Inference> told = new CompletableFuture<>();
        answer.orTimeout(atMost.toNanos(), TimeUnit.NANOSECONDS).whenComplete((inference, failure) -> {
            switch (failure) {
                case null -> told.complete(inference);
                case TimeoutException _ ->
                    told.completeExceptionally(new RunnerException(
                            RunnerException.Kind.TOO_LATE,
                            "model " + model + ": no answer within " + atMost.toMillis() + " ms"));
                default -> told.completeExceptionally(failure);
            }
        });
        return told;
    }

    public CompletableFuture<Inference> send(Tensor... inputs) {
        return send(InferenceRequest.of(inputs));
    }

    /**
     * Sends no more, and waits until all that were sent are answered.
     *
     * @throws RunnerException of kind TOO_LATE when that takes longer than one request may
     */
    public void finish() {
        synchronized (this) {
            if (end.isEmpty()) {
                end = Optional.of(new RunnerException(
                        RunnerException.Kind.CANCELLED, "model " + model + ": the stream was finished"));
                requests.onCompleted();
            }
        }
        try {
            ended.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunnerException(RunnerException.Kind.CANCELLED, "interrupted while waiting for the runner", e);
        } catch (TimeoutException e) {
            throw new RunnerException(
                    RunnerException.Kind.TOO_LATE, "model " + model + ": the runner does not end the stream", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a stream ended as none can: " + e.getCause(), e);
        }
    }

    /** Drops what is not answered yet; does nothing after {@link #finish}. */
    @Override
    public void close() {
        over(new RunnerException(RunnerException.Kind.CANCELLED, "model " + model + ": the stream was closed"), true);
    }

    private void over(RunnerException why, boolean cancel) {
        List<CompletableFuture<Inference>> left;
        synchronized (this) {
            if (ended.isDone()) {
                return;
            }
            end = end.or(() -> Optional.of(why));
            left = new ArrayList<>(waiting);
            waiting.clear();
            if (cancel) {
                requests.cancel(why.getMessage(), null);
            }
        }
        left.forEach(answer -> answer.completeExceptionally(why));
        ended.complete(null);
        // Whoever waits in send finds the end.
        room.release(WINDOW);
    }

    private void answered(ModelStreamInferResponse message) {
        CompletableFuture<Inference> first;
        synchronized (this) {
            first = waiting.poll();
        }
        if (first == null) {
            over(
                    new RunnerException(RunnerException.Kind.PROTOCOL, "model " + model + ": an answer to no request"),
                    true);
            return;
        }
        room.release();
        ModelInferResponse answer = message.getInferResponse();
        if (!message.getErrorMessage().isEmpty()) {
            first.completeExceptionally(new RunnerException(
                    RunnerException.Kind.REFUSED, "model " + model + ": " + message.getErrorMessage()));
            return;
        }
        try {
            first.complete(Messages.answer(answer, Optional.empty()));
        } catch (RunnerException e) {
            first.completeExceptionally(e);
        }
    }

    private final class Answers implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> stream) {
            requests = stream;
        }

        @Override
        public void onNext(ModelStreamInferResponse message) {
            answered(message);
        }

        @Override
        public void onError(Throwable failure) {
            over(RunnerException.of(Status.fromThrowable(failure), "model " + model, 1), false);
        }

        @Override
        public void onCompleted() {
            over(
                    new RunnerException(
                            RunnerException.Kind.UNAVAILABLE, "model " + model + ": the runner ended the stream"),
                    false);
        }
    }
}
