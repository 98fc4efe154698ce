package health.vantage.models.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** A future made of another: {@code thenApply} alone would not pass a cancellation back to the call. */
final class Following {
    private Following() {}

    static <A, B> CompletableFuture<B> map(CompletableFuture<A> first, Function<A, B> how) {
        CompletableFuture<B> result = new CompletableFuture<>();
        result.whenComplete((answer, failure) -> {
            if (result.isCancelled()) {
                first.cancel(true);
            }
        });
        first.whenComplete((answer, failure) -> {
            if (failure != null) {
                result.completeExceptionally(
                        failure instanceof CompletionException wrapped ? wrapped.getCause() : failure);
                return;
            }
            try {
                result.complete(how.apply(answer));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
