package health.vantage.models.runner.serve;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A bound on the tensor bytes in flight over all models: a count alone lets eight callers of 128 MiB take the node's memory. */
public final class ByteBudget {
    private final long limit;
    private final String whose;
    private final AtomicLong used = new AtomicLong();

    public ByteBudget(long limit) {
        this(limit, "this runner");
    }

    /** @param whose for errors, such as {@code client scanner-3} */
    public ByteBudget(long limit, String whose) {
        this.limit = limit;
        this.whose = whose;
    }

    /**
     * @throws Refusal of kind BUSY, or INVALID for a request that could never fit
     */
    public Share take(long bytes) {
        if (bytes > limit) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "a request of " + bytes + " tensor bytes, in and out; " + whose + " takes at most " + limit);
        }
        long seen = used.get();
        while (seen <= limit - bytes) {
            if (used.compareAndSet(seen, seen + bytes)) {
                AtomicBoolean held = new AtomicBoolean(true);
                return () -> {
                    if (held.compareAndSet(true, false)) {
                        used.addAndGet(-bytes);
                    }
                };
            }
            seen = used.get();
        }
        throw new Refusal(
                Refusal.Kind.BUSY,
                "requests with " + seen + " tensor bytes are in flight, the limit of " + whose + " is " + limit
                        + "; retry later");
    }

    public long used() {
        return used.get();
    }

    /** Bytes taken from the budget; closing twice changes nothing. */
    public interface Share extends AutoCloseable {
        @Override
        void close();
    }
}
