package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.tensor.TensorPool;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A request's way, the same for every protocol: find, hold the version, check, take from the budget, copy, queue, run, answer. */
public final class Inferences {
    private final ModelTable table;
    private final TensorPool pool;
    private final ByteBudget budget;
    private final Observer observer;
    private final AtomicInteger inside = new AtomicInteger();

    public Inferences(ModelTable table, TensorPool pool, ByteBudget budget, Observer observer) {
        this.table = table;
        this.pool = pool;
        this.budget = budget;
        this.observer = observer;
    }

    /** Receives exactly one of the two, on any thread. */
    public interface Receiver {
        void answer(Answer answer);

        void refuse(Refusal refusal);
    }

    /** Counts. The first two are called once per request, with the name as asked for only if it is served. */
    public interface Observer {
        void answered(String model, Duration queued, Duration inModel);

        void refused(String model, Refusal.Kind kind);

        /**
         * The model ran once.
         *
         * @param requests answered by this run
         * @param rows of all of them, where they may run as one; else 1
         */
        void ran(String model, int requests, long rows);

        /** A request that had found its model has ended, whatever became of it. */
        default void passed(Passage passage) {}
    }

    /** Takes a request, and its outputs' places with it; every outcome goes to {@code receiver}. */
    public void submit(InferenceCall call, Receiver receiver) {
        long came = System.nanoTime();
        ModelLane lane = table.find(call.model()).orElse(null);
        boolean taken = false;
        try {
            if (lane == null) {
                throw new Refusal(
                        Refusal.Kind.UNKNOWN_MODEL,
                        "no model \"" + call.model() + "\" on this runner; it serves " + table.names());
            }
            lane.requests().came();
            Caller.current().request();
            enqueue(lane, call, receiver);
            taken = true;
        } catch (Refusal refusal) {
            refuse(lane, refusal, came, receiver);
        } catch (OutOfMemoryError e) {
            refuse(
                    lane,
                    new Refusal(Refusal.Kind.BUSY, "no memory for this request's tensors: " + e.getMessage()),
                    came,
                    receiver);
        } finally {
            if (!taken) {
                call.closePlaces();
            }
        }
    }

    /** Requests between submit and the end of their run. */
    public int inside() {
        return inside.get();
    }

    /** Waits until no request is inside; {@code false} when the time is over first. */
    public boolean awaitIdle(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        while (inside.get() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    private static void refuseExternal(ModelLane lane) {
        // Read without holding it: whichever version it is, an engine takes no tensors.
        if (lane.slot().active().map(ServedVersion::model).orElse(null) instanceof ExternalModel) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    "model " + lane.slot().name() + " takes no tensors: ask it over HTTP, at /engines/"
                            + lane.slot().name() + "/ on this runner's HTTP port");
        }
    }

    private void enqueue(ModelLane lane, InferenceCall call, Receiver receiver) {
        refuseExternal(lane);
        ServedVersion version = lane.slot()
                .hold()
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.NOT_READY,
                        "model " + call.model() + " is not ready: "
                                + lane.slot().whyNot()));
        inside.incrementAndGet();
        Work work = new Work(this, lane, version, call, receiver);
        try {
            work.prepare();
            lane.submit(work);
        } catch (RuntimeException | OutOfMemoryError e) {
            work.release();
            throw e;
        }
        // Whoever has gone makes room at once; a run is stopped by its backend.
        call.cancellation().onCancel(() -> {
            if (lane.withdraw(work)) {
                work.gone();
            }
        });
    }

    /** @param came when the request did, as {@link System#nanoTime()} */
    void refuse(ModelLane lane, Refusal refusal, long came, Receiver receiver) {
        if (lane != null) {
            lane.requests().failed(System.nanoTime() - came);
            observer.refused(lane.slot().name(), refusal.kind());
        }
        receiver.refuse(refusal);
    }

    /** A request has ended. */
    void left() {
        inside.decrementAndGet();
    }

    TensorPool pool() {
        return pool;
    }

    ByteBudget budget() {
        return budget;
    }

    Observer observer() {
        return observer;
    }
}
