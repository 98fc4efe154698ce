package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Adds up how far the layers are, and tells the listener a few times a second. */
final class PullProgress {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final PullListener listener;
    private final long total;
    private final ConcurrentHashMap<Digest, Long> done = new ConcurrentHashMap<>();
    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

    PullProgress(PullListener listener, long total) {
        this.listener = listener;
        this.total = total;
    }

    void at(Digest layer, long bytes) {
        done.put(layer, bytes);
        long now = System.nanoTime();
        long next = nextNanos.get();
        if (now - next >= 0 && nextNanos.compareAndSet(next, now + PERIOD_NANOS)) {
            listener.progress(sum(), total);
        }
    }

    void finished() {
        listener.progress(total, total);
    }

    private long sum() {
        return done.values().stream().mapToLong(Long::longValue).sum();
    }
}
