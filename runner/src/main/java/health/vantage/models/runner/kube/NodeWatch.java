package health.vantage.models.runner.kube;

import health.vantage.models.api.ModelNode;
import health.vantage.models.runner.node.NodeRunner;
import health.vantage.models.runner.node.StatusBoard;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows this node's own ModelNode. The informer lists again when its watch expires (410) or breaks, and goes on trying when the API
 * server is away.
 */
public final class NodeWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeWatch.class);

    private final SharedIndexInformer<ModelNode> informer;
    private final ExecutorService dispatch = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("node-watch").daemon().factory());
    private final NodeRunner node;
    private final StatusBoard board;

    public NodeWatch(KubernetesClient client, String nodeName, NodeRunner node, StatusBoard board) {
        this.node = node;
        this.board = board;
        this.informer = client.resources(ModelNode.class)
                .withName(nodeName)
                .runnableInformer(0)
                .exceptionHandler((started, failure) -> {
                    LOG.warn("the watch on ModelNode {} failed and is tried again: {}", nodeName, failure.toString());
                    return true;
                });
        informer.addEventHandler(new Handler());
    }

    /** Returns at once; the API server need not be there. */
    public void start() {
        informer.start();
    }

    private final class Handler implements ResourceEventHandler<ModelNode> {
        @Override
        public void onAdd(ModelNode found) {
            // Made anew, perhaps: the status it had is gone.
            board.changed();
            dispatch(found);
        }

        @Override
        public void onUpdate(ModelNode before, ModelNode now) {
            if (now.getStatus() == null) {
                board.changed();
            }
            dispatch(now);
        }

        @Override
        public void onDelete(ModelNode gone, boolean unknown) {
            // Not an instruction: a ModelNode goes with its Node, or by mistake. What serves keeps serving.
            LOG.warn(
                    "ModelNode {} was deleted; serving goes on as the journal says",
                    gone.getMetadata().getName());
        }
    }

    private void dispatch(ModelNode found) {
        if (found.getSpec() == null) {
            return;
        }
        try {
            dispatch.execute(() -> apply(found));
        } catch (RejectedExecutionException e) {
            LOG.debug("an instruction came while the runner stops");
        }
    }

    private void apply(ModelNode found) {
        try {
            node.apply(found.getSpec().models());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error(
                    "the instructions of ModelNode {} could not be taken",
                    found.getMetadata().getName(),
                    e);
        }
    }

    @Override
    public void close() {
        informer.close();
        dispatch.shutdownNow();
    }
}
