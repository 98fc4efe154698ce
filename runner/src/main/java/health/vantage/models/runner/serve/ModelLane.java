package health.vantage.models.runner.serve;

import health.vantage.models.runner.model.ModelSlot;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A slot with its bounded queue and its own threads, so that one slow model does not hold up the others. The threads live longer than
 * any version: a swap does not touch the queue.
 */
public final class ModelLane {
    private final ModelSlot slot;
    private final QueueLimits limits;
    private final ThreadPoolExecutor runs;

    ModelLane(ModelSlot slot, QueueLimits limits) {
        this.slot = slot;
        this.limits = limits;
        // Platform threads: a run stays in native code for its whole time, which would pin a virtual one.
        this.runs = new ThreadPoolExecutor(
                limits.parallel(),
                limits.parallel(),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(limits.waiting()),
                Thread.ofPlatform()
                        .name("model-" + slot.name() + "-", 0)
                        .daemon()
                        .factory());
        runs.allowCoreThreadTimeOut(true);
    }

    public ModelSlot slot() {
        return slot;
    }

    /** Requests that wait for their turn. */
    public int waiting() {
        return runs.getQueue().size();
    }

    /** @throws Refusal of kind BUSY when the queue is full, NOT_READY when the model is being removed */
    void submit(Runnable run) {
        try {
            runs.execute(run);
        } catch (RejectedExecutionException e) {
            throw runs.isShutdown()
                    ? new Refusal(Refusal.Kind.NOT_READY, "model " + slot.name() + " is being removed from this node")
                    : new Refusal(
                            Refusal.Kind.BUSY,
                            limits.waiting() + " requests wait for model " + slot.name() + " already; retry later");
        }
    }

    /** Takes no more; what waits still runs. */
    void close(String reason) {
        runs.shutdown();
        slot.close(reason);
    }
}
