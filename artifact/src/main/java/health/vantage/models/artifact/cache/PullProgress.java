package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.Descriptor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Adds up how far the layers are, and tells the listener a few times a second. */
final class PullProgress {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final PullListener listener;
    private final ProgressListener layers;
    private final Map<Digest, Descriptor> wanted;
    private final long total;
    private final ConcurrentHashMap<Digest, Long> done = new ConcurrentHashMap<>();
    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

    /** @param wanted each layer once */
    PullProgress(PullListener listener, List<Descriptor> wanted) {
        this.listener = listener;
        this.layers = listener.layers();
        this.wanted = wanted.stream().collect(Collectors.toMap(Descriptor::digest, layer -> layer, (a, _) -> a));
        this.total = wanted.stream().mapToLong(Descriptor::size).sum();
        wanted.forEach(layer -> layers.progress(layer.label(), 0, layer.size()));
    }

    void at(Digest layer, long bytes) {
        done.put(layer, bytes);
        Descriptor descriptor = wanted.get(layer);
        layers.progress(descriptor.label(), bytes, descriptor.size());
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
