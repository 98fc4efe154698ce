package health.vantage.models.runner.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Whether the files in use are those on the disk, and when the certificate ends. */
final class ReloadMetrics {
    private final MeterRegistry registry;
    private final Map<String, AtomicInteger> stale = new ConcurrentHashMap<>();

    ReloadMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void taken(String what) {
        count(what, "taken");
        cleared(what);
    }

    void refused(String what) {
        count(what, "refused");
        gauge(what).set(1);
    }

    void cleared(String what) {
        gauge(what).set(0);
    }

    /** @param expires read at every scrape */
    void certificate(Supplier<Instant> expires) {
        Gauge.builder("vantage.certificate.expiry.seconds", () -> expires.get().getEpochSecond())
                .description("When the certificate in use ends, in seconds since 1970")
                .register(registry);
    }

    private void count(String what, String outcome) {
        Counter.builder("vantage.files.reloads")
                .description("Certificates, CAs and tokens read, and whether they could be used")
                .tags("files", what, "outcome", outcome)
                .register(registry)
                .increment();
    }

    private AtomicInteger gauge(String what) {
        return stale.computeIfAbsent(what, name -> {
            AtomicInteger value = new AtomicInteger();
            Gauge.builder("vantage.files.stale", value, AtomicInteger::get)
                    .description("1 while the files on the disk are refused and older ones are in use")
                    .tags("files", name)
                    .register(registry);
            return value;
        });
    }
}
