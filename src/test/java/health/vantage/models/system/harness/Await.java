package health.vantage.models.system.harness;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition of the outside world, and says what was seen when it does not come. */
public final class Await {
    private static final Duration STEP = Duration.ofMillis(25);

    private Await() {}

    /**
     * Returns as soon as the condition holds.
     *
     * @param what completes the sentence "It was not so within 5 s: ..."
     * @param account what to add to the error
     * @throws IllegalStateException after the limit
     */
    public static void until(String what, Duration limit, BooleanSupplier condition, Supplier<String> account) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "It was not so within " + limit.toSeconds() + " s: " + what + ". " + account.get());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("Interrupted while waiting for: " + what);
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }
}
