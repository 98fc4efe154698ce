package health.vantage.models.runner.kube;

import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.runner.node.Bell;
import health.vantage.models.runner.node.StatusBoard;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the node's status to the API server: a change at once, progress and counters at intervals, and nothing when nothing has changed.
 * Server-side apply under our own field manager: nobody else's write can conflict with it.
 */
public final class StatusReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);
    private static final String FIELD_MANAGER = "vantage-runner";
    private static final Duration SETTLE = Duration.ofMillis(100);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final String nodeName;
    private final StatusBoard board;
    private final NodeReport report;
    private final Duration interval;
    private final Thread thread;
    private volatile boolean closed;
    private final CountDownLatch farewell = new CountDownLatch(1);
    private volatile boolean leaving;
    private ModelNodeStatus told;

    /** @param interval between reports of progress and counters */
    public StatusReporter(
            KubernetesClient client, String nodeName, StatusBoard board, NodeReport report, Duration interval) {
        this.client = client;
        this.nodeName = nodeName;
        this.board = board;
        this.report = report;
        this.interval = interval;
        this.thread = Thread.ofPlatform().name("status").daemon().unstarted(this::work);
    }

    public void start() {
        thread.start();
    }

    private void work() {
        Duration pause = FIRST_PAUSE;
        try {
            while (!closed) {
                Bell bell = board.await(interval);
                boolean last = leaving;
                // Several changes come together: a state, a swap, a health.
                Thread.sleep(SETTLE);
                if (tell(bell == Bell.CHANGE)) {
                    pause = FIRST_PAUSE;
                    if (last) {
                        farewell.countDown();
                    }
                    continue;
                }
                board.changed();
                Thread.sleep(pause);
                Duration doubled = pause.multipliedBy(2);
                pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
            }
        } catch (InterruptedException e) {
            LOG.debug("no more status: the runner stops");
        }
    }

    /** Tells that the runner is draining; {@link #awaitFarewell} waits until the API server knows. */
    public void farewell(Instant now) {
        report.draining(now);
        leaving = true;
        board.changed();
    }

    /** @return {@code false} when the time is over first: the API server is away, and the process must end all the same */
    public boolean awaitFarewell(Duration atMost) throws InterruptedException {
        return farewell.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** @return {@code false} when it must be tried again */
    private boolean tell(boolean always) {
        ModelNodeStatus now = report.now();
        if (!always && told != null && now.models().equals(told.models())) {
            return true;
        }
        ModelNode node = new ModelNode();
        node.setMetadata(new ObjectMetaBuilder().withName(nodeName).build());
        node.setStatus(now);
        try {
            client.resource(node)
                    .subresource("status")
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(FIELD_MANAGER)
                            .withForce(true)
                            .build());
            told = now;
            return true;
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "the status of ModelNode {} could not be written and is tried again: {}", nodeName, e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
