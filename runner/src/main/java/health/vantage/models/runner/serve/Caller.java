package health.vantage.models.runner.serve;

/** Whoever a request is computed for, as far as it limits the request. */
public interface Caller {
    /**
     * Bound while a port hands a request over. Not a parameter: it belongs to the connection, and every protocol would have to
     * carry it through.
     */
    ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    /** Somebody without limits of its own. */
    Caller ANYBODY = _ -> () -> {};

    static Caller current() {
        return CURRENT.orElse(ANYBODY);
    }

    /**
     * Takes tensor bytes, in and out, until they are given back.
     *
     * @throws Refusal when it has too many in flight
     */
    ByteBudget.Share take(long bytes);
}
