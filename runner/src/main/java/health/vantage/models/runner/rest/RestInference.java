package health.vantage.models.runner.rest;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.Inferences.Receiver;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.TensorPool;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/** One inference over HTTP: read, submit, wait, write. */
public final class RestInference {
    /** Each has a body in memory before anything can be checked; the queues of the models are bounded apart from that. */
    private static final int MAX_REQUESTS = 32;

    private final Inferences inferences;
    private final TensorPool pool;
    private final SharedRegions regions;
    private final int maxBytes;
    private final ByteBudget bodies;
    private final Semaphore requests = new Semaphore(MAX_REQUESTS);

    /**
     * @param maxBytes of a request
     * @param maxBytesInside of all bodies that are being read or computed: they lie in memory before the tensors in them can be counted
     */
    public RestInference(
            Inferences inferences, TensorPool pool, SharedRegions regions, int maxBytes, long maxBytesInside) {
        this.inferences = inferences;
        this.pool = pool;
        this.regions = regions;
        this.maxBytes = Math.toIntExact(Math.min(maxBytes, maxBytesInside));
        this.bodies = new ByteBudget(maxBytesInside, "this runner over HTTP");
    }

    void answer(HttpExchange exchange, String model) throws IOException {
        if (!requests.tryAcquire()) {
            throw new HttpFailure(
                    HttpStatus.TOO_MANY, MAX_REQUESTS + " requests are being computed over HTTP already; retry later");
        }
        // A body that does not say how long it is may become as long as is allowed.
        try (var _ = bodies.take(check(exchange.getRequestHeaders()).orElse((long) maxBytes))) {
            infer(exchange, model);
        } finally {
            requests.release();
        }
    }

    private void infer(HttpExchange exchange, String model) throws IOException {
        Optional<Integer> jsonBytes = jsonBytes(exchange.getRequestHeaders());
        InferRequest request = InferRequest.read(exchange.getRequestBody(), jsonBytes);
        InferenceCall call = request.call(model, exchange.getRequestBody(), pool, regions, maxBytes);
        Waiting waiting = new Waiting();
        try {
            inferences.submit(call, waiting);
        } finally {
            call.inputs().forEach(input -> input.data().close());
        }
        try (Answer answer = waiting.get()) {
            new InferResponse(request, answer).send(exchange);
        }
    }

    /** The length of the body, if it is known beforehand. */
    private Optional<Long> check(Headers headers) {
        if (headers.containsKey("Content-Encoding")) {
            throw new HttpFailure(415, "compressed bodies are not taken");
        }
        Optional<Long> given = number(headers, "Content-Length");
        given.filter(length -> length < 0 || length > maxBytes).ifPresent(length -> {
            throw new HttpFailure(
                    HttpStatus.TOO_LARGE, "a body of " + length + " bytes; this runner takes at most " + maxBytes);
        });
        return given;
    }

    private static Optional<Integer> jsonBytes(Headers headers) {
        return number(headers, InferResponse.HEADER_LENGTH).map(length -> {
            if (length < 0 || length > InferRequest.MAX_JSON_BYTES) {
                throw new HttpFailure(
                        HttpStatus.BAD_REQUEST,
                        InferResponse.HEADER_LENGTH + " is " + length + "; at most " + InferRequest.MAX_JSON_BYTES
                                + " bytes of JSON are taken");
            }
            return Math.toIntExact(length);
        });
    }

    private static Optional<Long> number(Headers headers, String name) {
        try {
            return Optional.ofNullable(headers.getFirst(name)).map(text -> Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            throw new HttpFailure(HttpStatus.BAD_REQUEST, name + " is no number");
        }
    }

    /** For the thread that has the connection; it is a virtual one and may wait. */
    private static final class Waiting implements Receiver {
        private final CompletableFuture<Answer> outcome = new CompletableFuture<>();

        @Override
        public void answer(Answer answer) {
            outcome.complete(answer);
        }

        @Override
        public void refuse(Refusal refusal) {
            outcome.completeExceptionally(refusal);
        }

        Answer get() {
            try {
                return outcome.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Refusal refusal ? refusal : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                // Whatever it comes to, it must not stay lent.
                outcome.thenAccept(Answer::close);
                throw new Refusal(Refusal.Kind.NOT_READY, "the runner is stopping", e);
            }
        }
    }
}
