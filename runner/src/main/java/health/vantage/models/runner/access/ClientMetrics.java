package health.vantage.models.runner.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Calls by client. Callers must not make new series at will: names of tokens and certificates only, and so many at most. */
final class ClientMetrics {
    private static final int MOST_NAMES = 100;

    private final MeterRegistry registry;
    private final Set<String> named = ConcurrentHashMap.newKeySet();

    ClientMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    enum Limit {
        CALLS,
        RATE,
        BYTES
    }

    void admitted(ClientId id) {
        count(label(id), "admitted");
    }

    void refused(ClientId id, Limit limit) {
        count(label(id), "limit_" + limit.name().toLowerCase(Locale.ROOT));
    }

    void unauthenticated() {
        count("unknown", "unauthenticated");
    }

    private String label(ClientId id) {
        return switch (id.kind()) {
            case ADDRESS -> "address";
            case SOCKET -> "unix";
            case TOKEN, CERTIFICATE ->
                named.contains(id.name()) || named.size() < MOST_NAMES && named.add(id.name()) ? id.name() : "other";
        };
    }

    private void count(String client, String outcome) {
        Counter.builder("vantage.client.calls")
                .description("Calls by client, and what became of them at the door")
                .tags("client", client, "outcome", outcome)
                .register(registry)
                .increment();
    }
}
