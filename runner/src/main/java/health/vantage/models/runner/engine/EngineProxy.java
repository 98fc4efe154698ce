package health.vantage.models.runner.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import health.vantage.models.runner.answer.HttpAnswer;
import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.serve.Inferences.Observer;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.serve.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code /engines/<model>/<path>}: passes a request on to the model's engine as {@code /<path>}, and the answer back while it comes. A
 * request holds its version as any other does, so a swap lets it end on the engine that it began on.
 */
public final class EngineProxy implements HttpHandler {
    public static final String PREFIX = "/engines/";

    private final ModelTable table;
    private final Observer observer;
    private final Map<String, AtomicInteger> inside = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();
    private final boolean ownTokens;
    private volatile boolean closed;

    /** @param ownTokens whether the Authorization header is meant for the runner, and stays with it */
    public EngineProxy(ModelTable table, Observer observer, boolean ownTokens) {
        this.table = table;
        this.observer = observer;
        this.ownTokens = ownTokens;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        all.incrementAndGet();
        try {
            Target target = Target.of(exchange.getRequestURI());
            Optional<ModelSlot> slot = table.find(target.model()).map(lane -> lane.slot());
            if (slot.isEmpty()) {
                ProxyAnswer.refuse(
                        exchange,
                        404,
                        "no model \"" + target.model() + "\" on this runner; it serves " + table.names());
            } else {
                pass(exchange, slot.get(), target);
            }
        } finally {
            all.decrementAndGet();
        }
        // Not where an exception was thrown: an answer that broke off must not look whole.
        HttpAnswer.finish(exchange);
    }

    private void pass(HttpExchange exchange, ModelSlot slot, Target target) throws IOException {
        Optional<ServedVersion> held = closed ? Optional.empty() : slot.hold();
        if (held.isEmpty()) {
            refuse(exchange, slot, Refusal.Kind.NOT_READY, 503, closed ? "the runner is stopping" : slot.whyNot());
            return;
        }
        ServedVersion version = held.get();
        try {
            if (!(version.model() instanceof ExternalModel engine)) {
                ProxyAnswer.refuse(
                        exchange, 404, "model " + slot.name() + " has no HTTP of its own: it takes tensors, over gRPC");
                return;
            }
            Optional<String> trouble = engine.trouble();
            if (trouble.isPresent()) {
                version.counters().failed();
                refuse(exchange, slot, Refusal.Kind.NOT_READY, 503, trouble.get());
                return;
            }
            bounded(exchange, slot, version, engine, target);
        } finally {
            version.release();
        }
    }

    private void bounded(
            HttpExchange exchange, ModelSlot slot, ServedVersion version, ExternalModel engine, Target target)
            throws IOException {
        AtomicInteger count = inside.computeIfAbsent(slot.name(), _ -> new AtomicInteger());
        int most = engine.limits().requests();
        try {
            if (count.incrementAndGet() > most) {
                refuse(
                        exchange,
                        slot,
                        Refusal.Kind.BUSY,
                        429,
                        most + " requests are at the model already (maxRequests); retry later");
                return;
            }
            relay(exchange, slot, version, engine, target);
        } finally {
            count.decrementAndGet();
        }
    }

    private void relay(
            HttpExchange exchange, ModelSlot slot, ServedVersion version, ExternalModel engine, Target target)
            throws IOException {
        long start = System.nanoTime();
        Relay.Outcome outcome = new Relay(exchange, engine, target, ownTokens).run();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        switch (outcome) {
            case Relay.Answered _ -> {
                version.counters().answered(took);
                observer.answered(slot.name(), Duration.ZERO, took);
                observer.ran(slot.name(), 1, 1);
            }
            // The request was wrong, or nobody waits any more: neither speaks against the version.
            case Relay.CallersFault _ -> observer.refused(slot.name(), Refusal.Kind.INVALID);
            case Relay.CallerGone _ -> observer.refused(slot.name(), Refusal.Kind.CANCELLED);
            case Relay.Failed(String why) -> {
                version.counters().failed();
                observer.refused(slot.name(), Refusal.Kind.MODEL_FAILED);
                // The answer has begun: only a broken connection says that it is not whole.
                throw new IOException("model " + version + ": " + why);
            }
            case Relay.Refused(int status, String why) -> {
                version.counters().failed();
                refuse(exchange, slot, Refusal.Kind.MODEL_FAILED, status, why);
            }
            case Relay.EngineError _ -> {
                version.counters().failed();
                observer.refused(slot.name(), Refusal.Kind.MODEL_FAILED);
            }
        }
    }

    private void refuse(HttpExchange exchange, ModelSlot slot, Refusal.Kind kind, int status, String why)
            throws IOException {
        observer.refused(slot.name(), kind);
        ProxyAnswer.refuse(exchange, status, "model " + slot.name() + ": " + why);
    }

    /** Takes no more, waits until those inside have ended; {@code false} when the time is over first. */
    public boolean drain(Duration atMost) {
        closed = true;
        long end = System.nanoTime() + atMost.toNanos();
        while (all.get() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }
}
