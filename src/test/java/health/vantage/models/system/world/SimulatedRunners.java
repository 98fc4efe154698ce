package health.vantage.models.system.world;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Says for nodes without a machine that every instruction was carried out. */
public final class SimulatedRunners implements AutoCloseable {
    private static final int AT_ONCE = 8;

    private final KubernetesClient client;
    private final String prefix;
    private final ExecutorService writers = Executors.newFixedThreadPool(AT_ONCE);
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final SharedIndexInformer<ModelNode> informer;

    private SimulatedRunners(KubernetesClient client, String prefix) {
        this.client = client;
        this.prefix = prefix;
        this.informer = client.resources(ModelNode.class).inform(new Handler());
    }

    public static SimulatedRunners on(KubernetesClient client, String prefix) {
        return new SimulatedRunners(client, prefix);
    }

    /** What could not be written. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    private void report(ModelNode node) {
        var report = new ModelNode();
        report.setMetadata(
                new ObjectMetaBuilder().withName(node.getMetadata().getName()).build());
        report.setStatus(new ModelNodeStatus(
                new ModelNodeStatus.Runner("simulated", "2026-01-01T00:00:00Z", 50051),
                null,
                null,
                node.getSpec().models().stream().map(SimulatedRunners::done).toList(),
                null,
                null));
        try {
            client.resource(report)
                    .subresource("status")
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager("vantage-runner")
                            .withForce(true)
                            .build());
        } catch (KubernetesClientException e) {
            failures.add(node.getMetadata().getName() + ": " + e.getMessage());
        }
    }

    private static ModelState done(ModelInstruction wish) {
        State state =
                switch (wish.step()) {
                    case Stage -> State.Staged;
                    case Activate -> State.Active;
                    case Confirm -> State.Confirmed;
                    case Abort -> State.Reverted;
                };
        Optional<ArtifactRef> serving =
                switch (wish.step()) {
                    case Activate, Confirm -> Optional.of(wish.target());
                    case Stage, Abort -> wish.returnTo();
                };
        return new ModelState(
                wish.name(),
                wish.epoch(),
                state,
                serving.map(ArtifactRef::digest).orElse(null),
                serving.map(ArtifactRef::version).orElse(null),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0L,
                0L,
                0.0,
                null,
                null);
    }

    @Override
    public void close() {
        informer.close();
        writers.shutdownNow();
    }

    private final class Handler implements ResourceEventHandler<ModelNode> {
        @Override
        public void onAdd(ModelNode node) {
            boolean ours = node.getMetadata().getName().startsWith(prefix) && node.getSpec() != null;
            if (ours) {
                writers.execute(() -> report(node));
            }
        }

        @Override
        public void onUpdate(ModelNode before, ModelNode now) {
            boolean told = now.getSpec() != null && !now.getSpec().equals(before.getSpec());
            if (told) {
                onAdd(now);
            }
        }

        @Override
        public void onDelete(ModelNode node, boolean unknown) {
            // Its node is gone, and a runner with it.
        }
    }
}
