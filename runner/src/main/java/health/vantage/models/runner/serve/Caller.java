package health.vantage.models.runner.serve;

import java.util.Optional;

/** Whoever a request is computed for, as far as it limits the request. */
public interface Caller {
    /**
     * Bound while a port hands a request over. Not a parameter: it belongs to the connection, and every protocol would have to
     * carry it through.
     */
    ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    /** Somebody without limits of its own. */
    Caller ANYBODY = new Caller() {
        @Override
        public void request() {}

        @Override
        public ByteBudget.Share take(long bytes) {
            return () -> {};
        }
    };

    static Caller current() {
        return CURRENT.orElse(ANYBODY);
    }

    /** Who it has shown to be, by a token or a certificate; empty for whoever just connects. */
    default Optional<String> identity() {
        return Optional.empty();
    }

    /**
     * Counts one request, whether it came as a call of its own or in a stream.
     *
     * @throws Refusal when it makes too many in a time
     */
    void request();

    /** The W3C trace context that its call came with. */
    default Optional<String> traceParent() {
        return Optional.empty();
    }

    /** The same caller, for a call with a trace context. */
    default Caller with(Optional<String> traceParent) {
        return traceParent.isEmpty() ? this : new Traced(this, traceParent);
    }

    /** A call of somebody's that is part of a trace. */
    record Traced(Caller caller, Optional<String> traceParent) implements Caller {
        @Override
        public Optional<String> identity() {
            return caller.identity();
        }

        @Override
        public void request() {
            caller.request();
        }

        @Override
        public ByteBudget.Share take(long bytes) {
            return caller.take(bytes);
        }
    }

    /**
     * Takes tensor bytes, in and out, until they are given back.
     *
     * @throws Refusal when it has too many in flight
     */
    ByteBudget.Share take(long bytes);
}
