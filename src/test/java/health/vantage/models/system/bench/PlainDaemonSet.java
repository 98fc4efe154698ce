package health.vantage.models.system.bench;

import health.vantage.models.system.harness.Await;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** What Kubernetes itself rolls out to nodes: a new template of a DaemonSet, with no canary and every pod at once. */
final class PlainDaemonSet implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Resource<DaemonSet> resource;
    private final int nodes;
    private int template;

    PlainDaemonSet(KubernetesClient client, String name, int nodes) {
        this.nodes = nodes;
        this.resource = client.resource(Serialization.unmarshal("""
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: %1$s, namespace: default}
                spec:
                  selector: {matchLabels: {app: %1$s}}
                  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: "100%%"}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec:
                      nodeSelector: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}
                      terminationGracePeriodSeconds: 0
                      containers: [{name: model, image: registry.example/model:1}]
                """.formatted(name), DaemonSet.class));
        resource.create();
        await();
    }

    /** @return seconds until every pod is of the new template and ready */
    double rollOut() {
        long begin = System.nanoTime();
        resource.edit(set -> {
            set.getSpec().getTemplate().getMetadata().setAnnotations(Map.of("bench", "template " + ++template));
            return set;
        });
        await();
        return (System.nanoTime() - begin) / 1e9;
    }

    private void await() {
        Await.until(nodes + " pods are new and ready", LIMIT, this::done, () -> Serialization.asYaml(resource.get()));
    }

    private boolean done() {
        DaemonSet set = resource.get();
        DaemonSetStatus status = set.getStatus();
        return status != null
                && set.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && Objects.requireNonNullElse(status.getUpdatedNumberScheduled(), 0) == nodes
                && Objects.requireNonNullElse(status.getNumberReady(), 0) == nodes;
    }

    @Override
    public void close() {
        resource.delete();
    }
}
