package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.function.Supplier;

/**
 * The heartbeats of simulated nodes. A given cluster runs node lifecycle, which takes a node for dead when its Lease was not
 * renewed for 40 s.
 */
final class NodeLeases implements AutoCloseable {
    private static final String NAMESPACE = "kube-node-lease";
    private static final int DURATION_SECONDS = 40;

    private final KubernetesClient client;
    private final Supplier<Collection<String>> living;
    private final Thread heart;

    NodeLeases(KubernetesClient client, Supplier<Collection<String>> living, Duration period) {
        this.client = client;
        this.living = living;
        this.heart = Thread.ofVirtual().name("node-leases").start(() -> beat(period));
    }

    @Override
    public void close() {
        heart.interrupt();
    }

    private void beat(Duration period) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                living.get().forEach(this::renew);
                Thread.sleep(period);
            }
        } catch (InterruptedException closed) {
            // The nodes' heartbeats end here.
        }
    }

    private void renew(String node) {
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(node)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(node)
                .withLeaseDurationSeconds(DURATION_SECONDS)
                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                .endSpec()
                .build();
        try {
            client.leases()
                    .inNamespace(NAMESPACE)
                    .resource(lease)
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager("stand-in-kubelet")
                            .withForce(true)
                            .build());
        } catch (KubernetesClientException e) {
            // One heartbeat may be missed, as on a real node; the cluster itself shows it when many are.
            System.err.println("The Lease of node " + node + " was not renewed this time: " + e.getMessage());
        }
    }
}
