package health.vantage.models.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Requests through shared memory, as long as it can be had; else through the connection, which tries again where that helps. */
final class SharedCalls {
    private final RunnerClient runner;
    private final SharedMemory options;
    private final RegionPool pool;
    private final KnownOutputs known = new KnownOutputs();
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();
    private volatile String lastReason = "";

    SharedCalls(RunnerClient runner, SharedMemory options) {
        this.runner = runner;
        this.options = options;
        this.pool = new RegionPool(runner, options);
    }

    SharedMemory.Use use() {
        return new SharedMemory.Use(used.get(), missed.get(), lastReason);
    }

    void close() {
        pool.close();
    }

    /** @param inline asks through the connection, within what is left of the time */
    CompletableFuture<Inference> infer(
            String model,
            InferenceRequest request,
            Duration atMost,
            Function<Duration, CompletableFuture<Inference>> inline) {
        Call call = new Call(model, request, atMost, inline);
        call.outcome.whenComplete((answer, failure) -> {
            if (call.outcome.isCancelled()) {
                call.under.cancel(true);
            }
        });
        call.start();
        return call.outcome;
    }

    /** One request, which goes through at most three steps: a lease, shared memory, the connection. */
    private final class Call {
        private final String model;
        private final InferenceRequest request;
        private final Function<Duration, CompletableFuture<Inference>> inline;
        private final KnownOutputs.Key key;
        private final Optional<KnownOutputs.Sizes> sizes;
        private final long end;
        private final CompletableFuture<Inference> outcome = new CompletableFuture<>();
        private volatile CompletableFuture<?> under = new CompletableFuture<>();

        Call(
                String model,
                InferenceRequest request,
                Duration atMost,
                Function<Duration, CompletableFuture<Inference>> inline) {
            this.model = model;
            this.request = request;
            this.inline = inline;
            this.key = KnownOutputs.Key.of(model, request);
            this.sizes = known.find(key);
            this.end = System.nanoTime() + atMost.toNanos();
        }

        long bytes() {
            long inputs = request.inputs().stream()
                    .mapToLong(input -> Placing.aligned(input.bytes().remaining()))
                    .sum();
            return inputs + sizes.map(KnownOutputs.Sizes::bytes).orElse(0L);
        }

        private Duration left() {
            return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        }

        void start() {
            if (bytes() < options.leastBytes()) {
                throughTheConnection();
                return;
            }
            boolean text = request.inputs().stream().anyMatch(input -> input.type() == TensorType.BYTES);
            if (text) {
                miss("BYTES go through the connection");
            } else if (bytes() > Integer.MAX_VALUE) {
                miss(bytes() + " bytes are more than 2 GiB");
            } else {
                follow(pool.take(bytes()), (lent, failure) -> {
                    lent.lease().ifPresentOrElse(this::send, () -> miss(lent.reason()));
                    return null;
                });
            }
        }

        /** @param then given the result or the failure */
        private <T> void follow(CompletableFuture<T> step, BiFunction<T, Throwable, Void> then) {
            under = step;
            if (outcome.isCancelled()) {
                step.cancel(true);
            }
            step.handle((result, failure) -> {
                try {
                    return then.apply(result, failure);
                } catch (RuntimeException e) {
                    outcome.completeExceptionally(e);
                    return null;
                }
            });
        }

        private void send(Lease lease) {
            var message = Messages.request(model, request, lease, sizes);
            follow(runner.once("model " + model, left(), stub -> stub.modelInfer(message)), (answer, failure) -> {
                if (failure == null) {
                    answered(lease, Messages.answer(answer, Optional.of(lease)));
                } else {
                    failed(lease, failure);
                }
                return null;
            });
        }

        private void answered(Lease lease, Inference answer) {
            boolean sameVersion = sizes.map(before -> before.version().equals(answer.version()))
                    .orElse(true);
            if (!sameVersion && request.outputs().isEmpty()) {
                // The outputs were named after another version's; this one may have more.
                lease.giveBack();
                known.forget(key);
                miss("another version answers");
                return;
            }
            known.remember(key, answer);
            used.incrementAndGet();
            if (!answer.shared()) {
                lease.giveBack();
            }
            if (!outcome.complete(answer)) {
                answer.close();
            }
        }

        private void failed(Lease lease, Throwable failure) {
            if (outcome.isDone()) {
                // Cancelled: the runner may not have noticed yet.
                lease.retire();
                return;
            }
            RunnerException.Kind kind =
                    failure instanceof RunnerException told ? told.kind() : RunnerException.Kind.PROTOCOL;
            switch (kind) {
                // The runner has done with the memory.
                case BUSY -> {
                    lease.giveBack();
                    miss(failure.getMessage());
                }
                case MODEL_FAILED -> {
                    lease.giveBack();
                    outcome.completeExceptionally(failure);
                }
                // It may still write there.
                case TOO_LATE, CANCELLED, DENIED -> {
                    lease.retire();
                    outcome.completeExceptionally(failure);
                }
                // The region is not known after a restart, the output has become larger, or the request is wrong:
                // without
                // shared memory it shows.
                default -> {
                    lease.retire();
                    known.forget(key);
                    miss(failure.getMessage());
                }
            }
        }

        private void miss(String reason) {
            missed.incrementAndGet();
            lastReason = reason;
            throughTheConnection();
        }

        private void throughTheConnection() {
            follow(inline.apply(left()), (answer, failure) -> {
                if (failure == null) {
                    known.remember(key, answer);
                    outcome.complete(answer);
                } else {
                    outcome.completeExceptionally(failure);
                }
                return null;
            });
        }
    }
}
