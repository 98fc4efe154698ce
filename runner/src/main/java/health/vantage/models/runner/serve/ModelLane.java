package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A slot with its bounded queue and its own threads, so that one slow model does not hold up the others. The threads live longer than
 * any version: a swap does not touch the queue.
 */
public final class ModelLane {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLane.class);

    /** Of one version: each costs a thread and its memory. As many as a soak needs to turn it back. */
    private static final int MOST_HANGING = 3;

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

    /** How requests to this version are joined; empty where they run alone. */
    public Optional<Batching> batching(ServedVersion version) {
        return limits.batching().filter(_ -> execution.batches(version));
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
            Turn turn = new Turn(next, this::abandon);
            try {
                run(next);
            } finally {
                turn.close();
                ended(turn);
            }
            if (turn.abandoned()) {
                return;
            }
        }
    }

    private void run(List<Work> next) {
        ServedVersion version = next.getFirst().version();
        if (version.hanging() < MOST_HANGING) {
            execution.run(next);
            return;
        }
        BackendException why = new BackendException(version.hanging()
                + " runs of it hang and cannot be stopped; it is not asked again until one of them ends");
        next.forEach(work -> work.failed(why));
    }

    private void ended(Turn turn) {
        lock.lock();
        try {
            if (!turn.abandoned()) {
                running--;
                return;
            }
            turn.members().getFirst().version().hangs(-1);
            threads.setCorePoolSize(threads.getCorePoolSize() - 1);
            threads.setMaximumPoolSize(threads.getMaximumPoolSize() - 1);
        } finally {
            lock.unlock();
        }
    }

    /** A run hangs: its thread is lost until it ends by itself, so another one takes its place, or a swap to a good version would not help. */
    private void abandon(Turn turn) {
        ServedVersion version = turn.members().getFirst().version();
        LOG.error(
                "model {}: a run of {} goes on {} s after everybody who asked had gone, and does not stop",
                slot.name(),
                version,
                Turn.GRACE.toSeconds());
        turn.members().forEach(work -> version.counters().failed());
        lock.lock();
        try {
            version.hangs(1);
            running--;
            workers--;
            threads.setMaximumPoolSize(threads.getMaximumPoolSize() + 1);
            threads.setCorePoolSize(threads.getCorePoolSize() + 1);
            if (!line.isEmpty() && !closed) {
                threads.execute(this::work);
                workers++;
            }
        } finally {
            lock.unlock();
        }
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
