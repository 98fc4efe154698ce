package health.vantage.models.runner.serve;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.Cancellation.Registration;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs requests, alone or as one; each hears of its own outcome. */
final class Execution {
    private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

    private final Optional<Batching> batching;
    private final RunStatistics statistics;
    /** The last version whose answers to joined requests could not be told apart. */
    private volatile Optional<Digest> inseparable = Optional.empty();

    Execution(Optional<Batching> batching, RunStatistics statistics) {
        this.batching = batching;
        this.statistics = statistics;
    }

    /** Whether requests to this version may run as one. */
    boolean batches(ServedVersion version) {
        return batching.isPresent()
                && Rows.open(version.model().inputs())
                && Rows.open(version.model().outputs())
                && !inseparable.equals(Optional.of(version.digest()));
    }

    /** @param members requests of one kind; all have ended when this returns */
    void run(List<Work> members) {
        List<Work> waiting = withoutGone(members);
        if (waiting.size() > 1) {
            waiting = together(waiting);
        }
        withoutGone(waiting).forEach(this::alone);
    }

    private static List<Work> withoutGone(List<Work> members) {
        List<Work> waiting = new ArrayList<>(members.size());
        for (Work work : members) {
            if (work.cancellation().cancelled()) {
                work.gone();
            } else {
                waiting.add(work);
            }
        }
        return waiting;
    }

    private void alone(Work work) {
        try {
            long start = System.nanoTime();
            List<Tensor> answers =
                    work.version().model().run(work.inputs(), work.outputs(), work.memory(), work.cancellation());
            Duration inModel = Duration.ofNanos(System.nanoTime() - start);
            statistics.ran(work.rows(), 0, inModel.toNanos(), 0);
            work.ran(1, work.rows());
            work.answer(answers, start, inModel);
        } catch (BackendException e) {
            if (work.cancellation().cancelled()) {
                work.gone();
            } else {
                work.failed(e);
            }
        } catch (Refusal refusal) {
            work.refused(refusal);
        } catch (RuntimeException | OutOfMemoryError e) {
            work.broke(e);
        }
    }

    /** @return those that have to run alone: one failing request must not fail its neighbours, nor one odd model all of them */
    private List<Work> together(List<Work> members) {
        Optional<Joint> joint = compute(members);
        if (joint.isEmpty()) {
            return members;
        }
        for (int i = 0; i < members.size(); i++) {
            Work work = members.get(i);
            List<Tensor> answers = joint.get().parts().get(i);
            if (work.cancellation().cancelled()) {
                answers.forEach(Tensor::close);
                work.gone();
            } else {
                work.answer(answers, joint.get().start(), joint.get().inModel());
            }
        }
        return List.of();
    }

    /** @param parts of each member, in their order */
    private record Joint(List<List<Tensor>> parts, long start, Duration inModel) {}

    /** Empty when it failed, its tensors have no room in the budget, or its answers cannot be told apart. */
    private Optional<Joint> compute(List<Work> members) {
        List<Tensor> inputs = new ArrayList<>();
        List<Tensor> answers = new ArrayList<>();
        List<Registration> watched = new ArrayList<>();
        Work first = members.getFirst();
        ServedVersion version = first.version();
        try (ByteBudget.Share _ =
                first.room(members.stream().mapToLong(Work::bytes).sum())) {
            long begin = System.nanoTime();
            for (int i = 0; i < first.inputs().size(); i++) {
                int input = i;
                inputs.add(Rows.join(
                        members.stream().map(work -> work.inputs().get(input)).toList(), first.pool()));
            }
            long rows = Rows.of(inputs);
            Cancellation everybody = whenAllAreGone(members, watched);
            long start = System.nanoTime();
            answers.addAll(version.model().run(inputs, first.outputs(), first.pool(), everybody));
            long end = System.nanoTime();
            if (!Rows.allHave(answers, rows)) {
                LOG.warn(
                        "model {}: {} rows together were answered by {}; its requests run alone from now on",
                        version,
                        rows,
                        Rows.shapes(answers));
                inseparable = Optional.of(version.digest());
                return Optional.empty();
            }
            List<List<Tensor>> parts = apart(members, answers, first.pool());
            statistics.ran(rows, start - begin, end - start, System.nanoTime() - end);
            first.ran(members.size(), rows);
            return Optional.of(new Joint(parts, start, Duration.ofNanos(end - start)));
        } catch (BackendException | RuntimeException | OutOfMemoryError e) {
            LOG.debug("model {}: {} requests together failed and run alone", version, members.size(), e);
            return Optional.empty();
        } finally {
            watched.forEach(Registration::close);
            inputs.forEach(Tensor::close);
            answers.forEach(Tensor::close);
        }
    }

    private static Cancellation whenAllAreGone(List<Work> members, List<Registration> watched) {
        Cancellation everybody = new Cancellation();
        AtomicInteger left = new AtomicInteger(members.size());
        for (Work work : members) {
            watched.add(work.cancellation().onCancel(() -> {
                if (left.decrementAndGet() == 0) {
                    everybody.cancel();
                }
            }));
        }
        return everybody;
    }

    private static List<List<Tensor>> apart(List<Work> members, List<Tensor> answers, TensorPool pool) {
        List<List<Tensor>> parts = new ArrayList<>(members.size());
        boolean whole = false;
        try {
            long from = 0;
            for (Work work : members) {
                List<Tensor> own = new ArrayList<>(answers.size());
                parts.add(own);
                for (Tensor answer : answers) {
                    own.add(Rows.cut(answer, from, work.rows(), pool));
                }
                from += work.rows();
            }
            whole = true;
            return parts;
        } finally {
            if (!whole) {
                parts.forEach(own -> own.forEach(Tensor::close));
            }
        }
    }
}
