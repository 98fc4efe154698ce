package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.serve.InferenceCall.OutputChoice;
import health.vantage.models.runner.serve.InputCheck.Checked;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** Counts. Called once per request, with the name as asked for only if it is served. */
    public interface Observer {
        void answered(String model, Duration queued, Duration inModel);

        void refused(String model, Refusal.Kind kind);
    }

    /** Takes a request; every outcome goes to {@code receiver}. */
    public void submit(InferenceCall call, Receiver receiver) {
        ModelLane lane = table.find(call.model()).orElse(null);
        try {
            if (lane == null) {
                throw new Refusal(
                        Refusal.Kind.UNKNOWN_MODEL,
                        "no model \"" + call.model() + "\" on this runner; it serves " + table.names());
            }
            enqueue(lane, call, receiver);
        } catch (Refusal refusal) {
            refuse(lane, refusal, receiver);
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

    private void enqueue(ModelLane lane, InferenceCall call, Receiver receiver) {
        ServedVersion version = lane.slot()
                .hold()
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.NOT_READY,
                        "model " + call.model() + " is not ready: "
                                + lane.slot().whyNot()));
        Work work = new Work(lane, version, call, receiver);
        try {
            work.prepare();
            lane.submit(work);
        } catch (RuntimeException e) {
            work.drop();
            throw e;
        }
    }

    private void refuse(ModelLane lane, Refusal refusal, Receiver receiver) {
        if (lane != null) {
            observer.refused(lane.slot().name(), refusal.kind());
        }
        receiver.refuse(refusal);
    }

    /** One request that holds a version, a share of the budget and its inputs' memory until it has run or is dropped. */
    private final class Work implements Runnable {
        private final ModelLane lane;
        private final ServedVersion version;
        private final InferenceCall call;
        private final Receiver receiver;
        private final List<Tensor> inputs = new ArrayList<>(1);
        private final long submitted = System.nanoTime();
        private ByteBudget.Share share = () -> {};
        private List<String> outputs = List.of();

        Work(ModelLane lane, ServedVersion version, InferenceCall call, Receiver receiver) {
            this.lane = lane;
            this.version = version;
            this.call = call;
            this.receiver = receiver;
            inside.incrementAndGet();
        }

        void prepare() {
            List<Checked> checked = new InputCheck(version).check(call.inputs());
            outputs = outputs();
            share = budget.take(bytes(checked));
            for (Checked input : checked) {
                TensorBuffer buffer = input.given().data().take(pool);
                inputs.add(new Tensor(input.spec().name(), input.spec().type(), input.shape(), buffer));
            }
        }

        private List<String> outputs() {
            List<String> known =
                    version.model().outputs().stream().map(TensorSpec::name).toList();
            if (call.outputs().isEmpty()) {
                return call.choice() == OutputChoice.ALL ? known : known.subList(0, 1);
            }
            for (String name : call.outputs()) {
                if (!known.contains(name)) {
                    throw new Refusal(
                            Refusal.Kind.INVALID, "model " + version + ": no output \"" + name + "\"; it has " + known);
                }
            }
            if (call.outputs().stream().distinct().count() != call.outputs().size()) {
                throw new Refusal(Refusal.Kind.INVALID, "model " + version + ": an output is asked for twice");
            }
            return call.outputs();
        }

        /** Inputs exactly; outputs as far as the model declares them, open dimensions as in the metadata's input. */
        private long bytes(List<Checked> checked) {
            long in = 0;
            for (Checked input : checked) {
                in += input.shape().bytes(input.spec().type());
            }
            long out = 0;
            for (TensorSpec spec : version.model().outputs()) {
                if (outputs.contains(spec.name())) {
                    out += spec.shape().isConcrete() ? spec.shape().bytes(spec.type()) : in;
                }
            }
            return in + out;
        }

        @Override
        public void run() {
            try {
                receiver.answer(compute());
            } catch (Refusal refusal) {
                refuse(lane, refusal, receiver);
            } catch (RuntimeException e) {
                refuse(lane, new Refusal(Refusal.Kind.MODEL_FAILED, "model " + version + ": " + e, e), receiver);
            } finally {
                release();
            }
        }

        private Answer compute() {
            if (call.cancellation().cancelled()) {
                throw gone(null);
            }
            long start = System.nanoTime();
            try {
                List<Tensor> answers = version.model().run(inputs, outputs, pool, call.cancellation());
                long end = System.nanoTime();
                Duration inModel = Duration.ofNanos(end - start);
                version.counters().answered(inModel);
                observer.answered(lane.slot().name(), Duration.ofNanos(start - submitted), inModel);
                Answer answer =
                        new Answer(lane.slot().name(), version.contract().version(), answers, inModel, share);
                share = () -> {};
                return answer;
            } catch (BackendException e) {
                if (call.cancellation().cancelled()) {
                    throw gone(e);
                }
                version.counters().failed();
                throw new Refusal(Refusal.Kind.MODEL_FAILED, "model " + version + ": " + e.getMessage(), e);
            }
        }

        private Refusal gone(Throwable cause) {
            return new Refusal(
                    Refusal.Kind.CANCELLED,
                    "the caller of model " + call.model() + " has gone or waited too long",
                    cause);
        }

        void drop() {
            release();
        }

        private void release() {
            inputs.forEach(Tensor::close);
            share.close();
            version.release();
            inside.decrementAndGet();
        }
    }
}
