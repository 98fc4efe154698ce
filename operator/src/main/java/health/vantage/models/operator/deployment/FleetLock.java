package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * One placement decision at a time: between reading what is reserved and reserving more, nobody else may. The lock is
 * the leader's; a former leader's decision fails on the resourceVersion.
 */
@ApplicationScoped
class FleetLock {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final KubernetesClient client;

    FleetLock(KubernetesClient client) {
        this.client = client;
    }

    /** Runs a decision on ModelNodes read from the API server, not from a cache that may not show the last one yet. */
    <T> T decide(Function<List<ModelNode>, T> decision) {
        lock.lock();
        try {
            return decision.apply(client.resources(ModelNode.class).list().getItems());
        } finally {
            lock.unlock();
        }
    }
}
