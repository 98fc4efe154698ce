package health.vantage.models.runner.backend;

import java.util.ArrayList;
import java.util.List;

/** Tells a queued or running inference that nobody waits for it any more. Thread-safe. */
public final class Cancellation {
    private final List<Runnable> actions = new ArrayList<>(1);
    private boolean cancelled;

    public synchronized boolean cancelled() {
        return cancelled;
    }

    /** Runs the registered actions, once. */
    public synchronized void cancel() {
        if (!cancelled) {
            cancelled = true;
            actions.forEach(Runnable::run);
        }
    }

    /**
     * Runs {@code action} on cancel, at once if that was already. After {@link Registration#close()} it neither runs nor is running:
     * it may touch native memory that is freed then.
     */
    public synchronized Registration onCancel(Runnable action) {
        actions.add(action);
        if (cancelled) {
            action.run();
        }
        return () -> {
            synchronized (this) {
                actions.remove(action);
            }
        };
    }

    /** Ends an {@link #onCancel}. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
