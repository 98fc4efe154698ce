package health.vantage.models.operator.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Counts reconciles. Our own: the bundled implementation throws inside the informer's handler on this line (Prometheus
 * wants the same tag keys each time), which stops events.
 */
@Singleton
public class ReconcileMetrics implements Metrics {
    private final MeterRegistry registry;

    public ReconcileMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        var sample = Timer.start(registry);
        String outcome = "failure";
        try {
            T result = execution.execute();
            outcome = "success";
            return result;
        } finally {
            sample.stop(
                    registry.timer("vantage.reconcile", "controller", execution.controllerName(), "outcome", outcome));
        }
    }

    @Override
    public void reconciliationFailed(
            HasMetadata resource, RetryInfo retry, Exception exception, Map<String, Object> metadata) {
        registry.counter(
                        "vantage.reconcile.failures",
                        "kind",
                        resource.getKind(),
                        "exception",
                        exception.getClass().getSimpleName())
                .increment();
    }
}
