package health.vantage.models.runner.serve;

import health.vantage.models.runner.model.ModelSlot;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A slot with its bounded queue and its own threads, so that one slow model does not hold up the others. The threads live longer than
 * any version: a swap does not touch the queue.
 */
public final class ModelLane {
    private final ModelSlot slot;
    private final QueueLimits limits;
    private final RunStatistics statistics = new RunStatistics();
    private final RequestStatistics requests = new RequestStatistics();
    private final Execution execution;
    private final ThreadPoolExecutor threads;

    private final ReentrantLock lock = new ReentrantLock();
    /** Something came, or a worker has done choosing. */
    private final Condition changed = lock.newCondition();

    private final LinkedHashSet<Work> line = new LinkedHashSet<>();
    /** Workers that run something or will look at the line again before they end. */
    private int workers;

    private int running;
    /** One worker at a time puts a batch together, or two would take half of it each. */
    private boolean choosing;

    private boolean closed;

    ModelLane(ModelSlot slot, QueueLimits limits) {
        this.slot = slot;
        this.limits = limits;
        this.execution = new Execution(limits.batching(), statistics);
        // Platform threads: a run stays in native code for its whole time, which would pin a virtual one.
        this.threads = new ThreadPoolExecutor(
                limits.parallel(),
                limits.parallel(),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform()
                        .name("model-" + slot.name() + "-", 0)
                        .daemon()
                        .factory());
        threads.allowCoreThreadTimeOut(true);
    }

    public ModelSlot slot() {
        return slot;
    }

    public QueueLimits limits() {
        return limits;
    }

    public RunStatistics statistics() {
        return statistics;
    }

    public RequestStatistics requests() {
        return requests;
    }

    Execution execution() {
        return execution;
    }

    /** Requests that wait for their turn. */
    public int waiting() {
        lock.lock();
        try {
            return line.size();
        } finally {
            lock.unlock();
        }
    }

    /** @throws Refusal of kind BUSY when the queue is full, NOT_READY when the model is being removed */
    void submit(Work work) {
        lock.lock();
        try {
            if (closed) {
                throw new Refusal(Refusal.Kind.NOT_READY, "model " + slot.name() + " is being removed from this node");
            }
            // A request that a free worker is about to take does not wait.
            if (line.size() >= limits.waiting() + limits.parallel() - running) {
                throw new Refusal(
                        Refusal.Kind.BUSY,
                        limits.waiting() + " requests wait for model " + slot.name() + " already; retry later");
            }
            line.add(work);
            changed.signalAll();
            if (workers < limits.parallel() && workers - running < line.size()) {
                threads.execute(this::work);
                workers++;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a request out that nobody waits for any more; {@code false} when it has left the line already. */
    boolean withdraw(Work work) {
        lock.lock();
        try {
            return line.remove(work);
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        for (List<Work> next = next(); !next.isEmpty(); next = next()) {
            try {
                execution.run(next);
            } finally {
                ran();
            }
        }
    }

    private void ran() {
        lock.lock();
        running--;
        lock.unlock();
    }

    /** What this worker runs now; empty when it may end. */
    private List<Work> next() {
        lock.lock();
        try {
            while (choosing) {
                changed.awaitUninterruptibly();
            }
            choosing = true;
            List<Work> chosen = choose();
            if (chosen.isEmpty()) {
                workers--;
            } else {
                chosen.forEach(line::remove);
                running++;
            }
            return chosen;
        } finally {
            choosing = false;
            changed.signalAll();
            lock.unlock();
        }
    }

    private List<Work> choose() {
        while (!line.isEmpty()) {
            BatchChoice<Work> choice = BatchChoice.among(line, limits.batching(), System.nanoTime());
            if (choice.waitNanos() == 0 || closed) {
                return choice.members();
            }
            try {
                changed.awaitNanos(choice.waitNanos());
            } catch (InterruptedException e) {
                // Nobody interrupts these threads; if somebody did, running at once is right.
                Thread.currentThread().interrupt();
                return choice.members();
            }
        }
        return List.of();
    }

    /** Takes no more; what waits still runs. */
    void close(String reason) {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        threads.shutdown();
        slot.close(reason);
    }
}
