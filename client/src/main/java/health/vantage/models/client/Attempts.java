package health.vantage.models.client;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One call, tried until it is answered, cannot be, or its deadline passes. Cancelling the future cancels the attempt under way. */
final class Attempts<T> {
    private final String what;
    private final RetryPolicy policy;
    private final Deadline deadline;
    private final ScheduledExecutorService timer;
    private final Function<Deadline, ListenableFuture<T>> call;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private volatile Optional<ListenableFuture<T>> running = Optional.empty();
    private int made;

    private Attempts(
            String what,
            RetryPolicy policy,
            Deadline deadline,
            ScheduledExecutorService timer,
            Function<Deadline, ListenableFuture<T>> call) {
        this.what = what;
        this.policy = policy;
        this.deadline = deadline;
        this.timer = timer;
        this.call = call;
    }

    /**
     * @param deadline of all attempts and pauses together
     * @param call makes one attempt
     * @return fails with a {@link RunnerException}
     */
    static <T> CompletableFuture<T> of(
            String what,
            RetryPolicy policy,
            Duration deadline,
            ScheduledExecutorService timer,
            Function<Deadline, ListenableFuture<T>> call) {
        Attempts<T> attempts =
                new Attempts<>(what, policy, Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS), timer, call);
        attempts.outcome.whenComplete((answer, failure) -> {
            if (attempts.outcome.isCancelled()) {
                attempts.running.ifPresent(future -> future.cancel(true));
            }
        });
        attempts.attempt();
        return attempts.outcome;
    }

    private void attempt() {
        if (outcome.isDone()) {
            return;
        }
        made++;
        ListenableFuture<T> future = call.apply(deadline);
        running = Optional.of(future);
        if (outcome.isCancelled()) {
            future.cancel(true);
        }
        Futures.addCallback(
                future,
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(T answer) {
                        outcome.complete(answer);
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        failed(Status.fromThrowable(failure), Status.trailersFromThrowable(failure));
                    }
                },
                Runnable::run);
    }

    private void failed(Status status, Metadata trailers) {
        Optional<Duration> pause = policy.pause(made, status, trailers)
                // The reason that the runner gave says more than "too late" would.
                .filter(wait -> wait.toNanos() < deadline.timeRemaining(TimeUnit.NANOSECONDS));
        if (pause.isEmpty()) {
            outcome.completeExceptionally(RunnerException.of(status, what, made));
            return;
        }
        try {
            timer.schedule(this::attempt, pause.get().toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            outcome.completeExceptionally(RunnerException.of(
                    Status.CANCELLED.withDescription("the client was closed").withCause(e), what, made));
        }
    }
}
