package health.vantage.models.operator.deployment;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What dashboards show of each ModelDeployment. */
@ApplicationScoped
class RolloutMetrics {
    private final MeterRegistry registry;
    private final MultiGauge ready;
    private final MultiGauge nodes;
    private final Map<String, Shown> shown = new ConcurrentHashMap<>();

    private record Shown(String namespace, String name, String phase, boolean isReady, int members, int serving) {
        Tags tags() {
            return Tags.of("namespace", namespace, "name", name);
        }
    }

    RolloutMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.ready = MultiGauge.builder("vantage.modeldeployment.ready")
                .description("1 if the desired revision serves on every required node")
                .register(registry);
        this.nodes = MultiGauge.builder("vantage.modeldeployment.nodes.serving")
                .description("Nodes that serve the revision of the current epoch")
                .register(registry);
    }

    void record(ModelDeployment deployment, ModelDeploymentStatus status) {
        RolloutStatus rollout = status.rollout();
        RolloutStatus before = StatusDraft.lastStatus(deployment).rollout();
        if (!rollout.phase().underWay() && before != null && before.phase() != rollout.phase()) {
            registry.counter("vantage.rollouts", "outcome", rollout.phase().name())
                    .increment();
        }
        boolean isReady = status.conditions().stream()
                .anyMatch(c -> c.type().equals(ConditionType.Ready.name()) && c.status() == Status.True);
        var now = new Shown(
                deployment.getMetadata().getNamespace(),
                deployment.getMetadata().getName(),
                rollout.phase().name(),
                isReady,
                rollout.nodes(),
                rollout.active());
        if (!now.equals(shown.put(deployment.getMetadata().getUid(), now))) {
            publish();
        }
    }

    void forget(ModelDeployment deployment) {
        shown.remove(deployment.getMetadata().getUid());
        publish();
    }

    private synchronized void publish() {
        ready.register(
                shown.values().stream()
                        .map(s -> MultiGauge.Row.of(s.tags().and("phase", s.phase()), s.isReady() ? 1 : 0))
                        .toList(),
                true);
        nodes.register(
                shown.values().stream()
                        .map(s -> MultiGauge.Row.of(s.tags(), s.serving()))
                        .toList(),
                true);
    }
}
