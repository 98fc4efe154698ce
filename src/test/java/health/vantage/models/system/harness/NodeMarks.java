package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Plays node lifecycle: marks a node and its pods as reachable or not, later if the API server is away now. */
final class NodeMarks implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(300);

    private final KubernetesClient client;
    private final SimulatedNodes nodes;
    private final Map<String, Object> latest = new ConcurrentHashMap<>();
    private volatile boolean closed;

    NodeMarks(KubernetesClient client, SimulatedNodes nodes) {
        this.client = client;
        this.nodes = nodes;
    }

    /** Returns when it is marked, or when the API server cannot be reached; the mark then follows when it can. */
    void ready(String node, boolean ready) {
        var ticket = new Object();
        latest.put(node, ticket);
        if (!mark(node, ready)) {
            Thread.ofVirtual().name("mark-" + node).start(() -> {
                do {
                    LockSupport.parkNanos(RETRY.toNanos());
                } while (!closed && latest.get(node) == ticket && !mark(node, ready));
            });
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    private boolean mark(String node, boolean ready) {
        try {
            nodes.setReady(node, ready);
            if (!ready) {
                client.pods()
                        .inAnyNamespace()
                        .withField("spec.nodeName", node)
                        .list()
                        .getItems()
                        .forEach(this::markNotReady);
            }
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return true;
            }
            // No HTTP status: nobody answered.
            if (e.getCode() <= 0) {
                return false;
            }
            throw e;
        }
    }

    private void markNotReady(Pod pod) {
        Pod patch = new PodBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .withNamespace(pod.getMetadata().getNamespace())
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("False")
                .withLastTransitionTime(ContainerSeen.text(Instant.now()))
                .endCondition()
                .endStatus()
                .build();
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
    }
}
