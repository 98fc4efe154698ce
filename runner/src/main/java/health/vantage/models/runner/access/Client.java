package health.vantage.models.runner.access;

import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Caller;
import health.vantage.models.runner.serve.Refusal;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One client, over all its connections, with what it has taken of its limits. */
public final class Client implements Caller {
    private static final long SECOND = 1_000_000_000L;

    private final ClientId id;
    private final ClientLimits limits;
    private final ClientMetrics metrics;
    private final ByteBudget bytes;
    private int calls;
    /** Calls it may begin now; filled with time up to one second's worth. */
    private double allowed;

    private long filled = System.nanoTime();

    Client(ClientId id, ClientLimits limits, ClientMetrics metrics) {
        this.id = id;
        this.limits = limits;
        this.metrics = metrics;
        this.allowed = limits.requestsPerSecond();
        this.bytes = new ByteBudget(
                limits.bytesInFlight() == 0 ? Long.MAX_VALUE : limits.bytesInFlight(), "client " + id.name());
    }

    /**
     * Begins a call.
     *
     * @return to be closed when it has ended
     * @throws Refusal of kind BUSY that names the limit
     */
    public ByteBudget.Share begin() {
        synchronized (this) {
            if (limits.calls() > 0 && calls >= limits.calls()) {
                metrics.refused(id, ClientMetrics.Limit.CALLS);
                throw new Refusal(
                        Refusal.Kind.BUSY,
                        "client " + id.name() + " has " + calls + " calls open, and may have " + limits.calls()
                                + " at the same time; retry later");
            }
            // Before its message is read; the request itself is counted when it is known to be one.
            checkRate();
            calls++;
        }
        metrics.admitted(id);
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                synchronized (this) {
                    calls--;
                }
            }
        };
    }

    @Override
    public synchronized void request() {
        checkRate();
        allowed--;
    }

    private void checkRate() {
        if (limits.requestsPerSecond() == 0) {
            return;
        }
        long now = System.nanoTime();
        allowed = Math.min(
                limits.requestsPerSecond(), allowed + (double) (now - filled) / SECOND * limits.requestsPerSecond());
        filled = now;
        if (allowed < 1) {
            metrics.refused(id, ClientMetrics.Limit.RATE);
            throw new Refusal(
                    Refusal.Kind.BUSY,
                    "client " + id.name() + " may make " + limits.requestsPerSecond()
                            + " requests per second, and made more; retry later");
        }
    }

    @Override
    public Optional<String> identity() {
        return switch (id.kind()) {
            case TOKEN -> Optional.of("token " + id.name());
            case CERTIFICATE -> Optional.of("certificate " + id.name());
            case ADDRESS, SOCKET -> Optional.empty();
        };
    }

    @Override
    public ByteBudget.Share take(long size) {
        try {
            return bytes.take(size);
        } catch (Refusal refusal) {
            metrics.refused(id, ClientMetrics.Limit.BYTES);
            throw refusal;
        }
    }

    /** Whether forgetting it would forget nothing. */
    synchronized boolean idle() {
        boolean rested = System.nanoTime() - filled > SECOND;
        return calls == 0 && bytes.used() == 0 && rested;
    }
}
