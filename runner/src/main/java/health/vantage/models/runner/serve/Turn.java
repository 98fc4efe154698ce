package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.Cancellation.Registration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One worker's turn with some requests. When all who asked have gone and the run does not end although it was told to, it hangs: native
 * code that cannot be ended from outside. Its lane hears of it once and goes on without this worker.
 */
final class Turn implements AutoCloseable {
    /** A run that can be stopped ends within 2 to 19 ms; this much later only a hanging one is still there. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private static final ScheduledThreadPoolExecutor TIMER = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("hanging-runs").daemon().factory());

    static {
        TIMER.setRemoveOnCancelPolicy(true);
    }

    private final List<Work> members;
    private final List<Registration> watched = new ArrayList<>();
    private boolean ended;
    private boolean abandoned;

    /** @param hangs told at most once, on another thread, and never after {@link #close} */
    Turn(List<Work> members, Consumer<Turn> hangs) {
        this.members = members;
        AtomicInteger waiting = new AtomicInteger(members.size());
        for (Work work : members) {
            watched.add(work.cancellation().onCancel(() -> {
                if (waiting.decrementAndGet() == 0) {
                    TIMER.schedule(() -> look(hangs), GRACE.toNanos(), TimeUnit.NANOSECONDS);
                }
            }));
        }
    }

    List<Work> members() {
        return members;
    }

    private synchronized void look(Consumer<Turn> hangs) {
        if (!ended) {
            abandoned = true;
            hangs.accept(this);
        }
    }

    /** The run has ended. */
    @Override
    public synchronized void close() {
        ended = true;
        watched.forEach(Registration::close);
    }

    /** Whether the lane goes on without this worker. */
    synchronized boolean abandoned() {
        return abandoned;
    }
}
