package health.vantage.models.operator.runtime;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Writes to many nodes at once: one after the other, a fleet of 2,000 would take the better part of a minute. */
public final class InParallel {
    /** Few enough that an API server does not see a flood in it. */
    private static final int AT_ONCE = 16;

    private InParallel() {}

    /**
     * Does it to every item, whether or not others fail, and returns when all are done.
     *
     * @throws RuntimeException the first failure, with up to ten others suppressed
     */
    public static <T> void each(Collection<T> items, Consumer<T> act) {
        var permits = new Semaphore(AT_ONCE);
        List<? extends Future<?>> tasks;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            tasks = items.stream()
                    .map(item -> threads.submit(() -> {
                        permits.acquireUninterruptibly();
                        try {
                            act.accept(item);
                        } finally {
                            permits.release();
                        }
                    }))
                    .toList();
        }
        List<Throwable> failures = tasks.stream()
                .filter(task -> task.state() == Future.State.FAILED)
                .map(Future::exceptionNow)
                .limit(11)
                .toList();
        if (failures.isEmpty()) {
            return;
        }
        Throwable first = failures.getFirst();
        failures.stream().skip(1).filter(other -> other != first).forEach(first::addSuppressed);
        switch (first) {
            case RuntimeException failure -> throw failure;
            case Error error -> throw error;
            default -> throw new IllegalStateException("A task threw what it cannot throw", first);
        }
    }
}
