package health.vantage.models.system.bench;

import health.vantage.models.system.harness.Await;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Objects;

/**
 * What Kubernetes itself rolls out to nodes: a new template of a DaemonSet, with no canary and every pod at once. Changed by one patch and
 * watched, as {@link MeasuredDeployment} is.
 */
final class PlainDaemonSet implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Resource<DaemonSet> resource;
    private final SharedIndexInformer<DaemonSet> informer;
    private final int nodes;
    private int templates;
    private volatile String wanted = "0";
    private volatile long doneAt;

    PlainDaemonSet(KubernetesClient client, String name, int nodes) {
        this.nodes = nodes;
        this.informer =
                client.apps().daemonSets().inNamespace("default").withName(name).inform(new Watch());
        this.resource = client.resource(Serialization.unmarshal("""
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: %1$s, namespace: default}
                spec:
                  selector: {matchLabels: {app: %1$s}}
                  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: "100%%"}}
                  template:
                    metadata: {labels: {app: %1$s}, annotations: {template: "0"}}
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
        wanted = Integer.toString(++templates);
        doneAt = 0;
        long begin = System.nanoTime();
        resource.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"template\":\"" + wanted + "\"}}}}}");
        await();
        return (doneAt - begin) / 1e9;
    }

    private void await() {
        Await.until(
                nodes + " pods are new and ready",
                LIMIT,
                () -> doneAt != 0,
                () -> Serialization.asYaml(resource.get()));
    }

    private boolean isDone(DaemonSet set) {
        DaemonSetStatus status = set.getStatus();
        return wanted.equals(set.getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations()
                        .get("template"))
                && status != null
                && set.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && Objects.requireNonNullElse(status.getUpdatedNumberScheduled(), 0) == nodes
                && Objects.requireNonNullElse(status.getNumberReady(), 0) == nodes;
    }

    @Override
    public void close() {
        informer.close();
        resource.delete();
    }

    private final class Watch implements ResourceEventHandler<DaemonSet> {
        @Override
        public void onAdd(DaemonSet set) {
            long now = System.nanoTime();
            if (doneAt == 0 && isDone(set)) {
                doneAt = now;
            }
        }

        @Override
        public void onUpdate(DaemonSet before, DaemonSet now) {
            onAdd(now);
        }

        @Override
        public void onDelete(DaemonSet set, boolean unknown) {
            // It is over.
        }
    }
}
