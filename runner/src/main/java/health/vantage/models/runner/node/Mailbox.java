package health.vantage.models.runner.node;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.Step;
import java.time.Duration;
import java.util.Optional;

/** Holds the latest instruction for one model, and remembers to try again what could not be done for the moment. */
final class Mailbox {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private ModelInstruction next;
    private ModelInstruction taken;
    private Duration pause = FIRST_PAUSE;
    private long retryAt;
    private boolean retry;
    private boolean closed;
    private boolean waiting;

    /** The same as the last one changes nothing. */
    synchronized void put(ModelInstruction wish) {
        if (wish.equals(next == null ? taken : next)) {
            return;
        }
        next = wish;
        notifyAll();
    }

    /** A new instruction, or the last one when it is time to try again; empty when the time is over first. */
    synchronized Optional<ModelInstruction> take(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!closed) {
            if (next != null) {
                taken = next;
                next = null;
                retry = false;
                pause = FIRST_PAUSE;
                return Optional.of(taken);
            }
            long now = System.nanoTime();
            if (retry && now - retryAt >= 0) {
                retry = false;
                return Optional.of(taken);
            }
            long until = retry ? Math.min(end - now, retryAt - now) : end - now;
            if (end - now <= 0) {
                return Optional.empty();
            }
            waiting = true;
            wait(Math.max(1, Duration.ofNanos(until).toMillis()));
            waiting = false;
        }
        return Optional.empty();
    }

    /** The instruction taken last is offered again after a pause that grows. */
    synchronized void retryLater() {
        if (taken != null) {
            retry = true;
            retryAt = System.nanoTime() + pause.toNanos();
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        }
    }

    /** Whether the work under way should stop: a later step of the same rollout may wait, another rollout or an abort may not. */
    synchronized boolean superseded() {
        return closed
                || next != null
                        && (next.step() == Step.Abort
                                || !next.epoch().equals(taken.epoch())
                                || !next.target().equals(taken.target()));
    }

    /** Whether the last instruction was dealt with and none waits. */
    synchronized boolean idle() {
        return next == null && !retry && waiting;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized boolean closed() {
        return closed;
    }
}
