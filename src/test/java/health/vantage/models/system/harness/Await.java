package health.vantage.models.system.harness;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition of the outside world, and says what was seen when it does not come. */
public final class Await {
    private static final Duration FIRST_STEP = Duration.ofMillis(25);
    /** A look is mostly a request to the API server, which has other things to do. */
    private static final Duration LONGEST_STEP = Duration.ofMillis(250);

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
        long step = FIRST_STEP.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "It was not so within " + limit.toSeconds() + " s: " + what + ". " + account.get());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("Interrupted while waiting for: " + what);
            }
            LockSupport.parkNanos(step);
            step = Math.min(step + step / 4, LONGEST_STEP.toNanos());
        }
    }
}
