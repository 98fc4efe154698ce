package health.vantage.models.system.bench;

import health.vantage.models.api.Condition;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.world.World;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A ModelDeployment that pins versions, watched from outside as a person would, with the time at which each phase was first seen. */
final class MeasuredDeployment implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Resource<ModelDeployment> resource;
    private final SharedIndexInformer<ModelDeployment> informer;
    private final int nodes;
    private volatile ModelDeployment last;
    private volatile String wanted;

    /** By epoch and phase, as {@link System#nanoTime} has it. */
    private final Map<String, Long> seen = new ConcurrentHashMap<>();

    private volatile long readyAt;

    /** Applies it and waits until it is ready on so many nodes. */
    MeasuredDeployment(World world, String name, String version, int nodes, String... tiers) {
        this.nodes = nodes;
        this.wanted = version;
        String namespace = world.cluster().newNamespace("bench");
        var resources = world.client().resources(ModelDeployment.class).inNamespace(namespace);
        resource = resources.withName(name);
        informer = resources.inform(new Watch());
        world.client()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: models.vantage.health/v1alpha1
                        kind: ModelDeployment
                        metadata: {name: %s, namespace: %s}
                        spec:
                          model: {repository: "%s/bench/tiny", version: %s}
                          tiers: [%s]
                          resolve: {policy: Once}
                          rollout: {soak: 0s}
                        """.formatted(name, namespace, world.registry().host(), version, String.join(", ", tiers)),
                        ModelDeployment.class))
                .create();
        awaitReady();
    }

    /** Returns when nothing is left to do: the last node has said that it confirmed. */
    private void awaitReady() {
        Await.until(
                wanted + " is ready",
                LIMIT,
                () -> readyAt != 0 && last.getStatus().rollout().confirmed() == nodes,
                () -> Serialization.asYaml(resource.get().getStatus()));
    }

    /**
     * Changes the version and waits until it is ready.
     *
     * @return seconds: each phase from its first sight to that of the next, {@code resolving} before the first, {@code total}
     */
    Map<String, Double> rollOut(String version) {
        long epoch = last.getStatus().rollout().epoch() + 1;
        wanted = version;
        readyAt = 0;
        long begin = System.nanoTime();
        resource.patch(
                PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"model\":{\"version\":\"" + version + "\"}}}");
        awaitReady();
        var seconds = new LinkedHashMap<String, Double>();
        String phase = "resolving";
        long since = begin;
        for (Phase next : new Phase[] {Phase.Staging, Phase.Canary, Phase.Committing, Phase.Soaking, Phase.Confirmed}) {
            Long at = seen.get(epoch + " " + next);
            // One that was over before its status was written was never seen.
            if (at != null) {
                seconds.put(phase, (at - since) / 1e9);
                phase = next.name().toLowerCase(Locale.ROOT);
                since = at;
            }
        }
        seconds.put("total", (readyAt - begin) / 1e9);
        return seconds;
    }

    private boolean isReady(ModelDeployment deployment) {
        ModelDeploymentStatus status = deployment.getStatus();
        return status != null
                && deployment.getMetadata().getGeneration().equals(status.observedGeneration())
                && wanted.equals(status.version())
                && (nodes + "/" + nodes).equals(status.nodes())
                && status.conditions().stream()
                        .anyMatch(condition ->
                                condition.type().equals("Ready") && condition.status() == Condition.Status.True);
    }

    @Override
    public void close() {
        informer.close();
        resource.delete();
        Await.until("the deployment is gone", LIMIT, () -> resource.get() == null, () -> "");
    }

    private final class Watch implements ResourceEventHandler<ModelDeployment> {
        @Override
        public void onAdd(ModelDeployment deployment) {
            long now = System.nanoTime();
            ModelDeploymentStatus status = deployment.getStatus();
            if (status != null && status.rollout() != null) {
                seen.putIfAbsent(
                        status.rollout().epoch() + " " + status.rollout().phase(), now);
            }
            last = deployment;
            if (readyAt == 0 && isReady(deployment)) {
                readyAt = now;
            }
        }

        @Override
        public void onUpdate(ModelDeployment before, ModelDeployment now) {
            onAdd(now);
        }

        @Override
        public void onDelete(ModelDeployment deployment, boolean unknown) {
            // It is over.
        }
    }
}
