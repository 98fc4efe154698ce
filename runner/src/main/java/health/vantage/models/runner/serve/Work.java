package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.serve.InferenceCall.Wanted;
import health.vantage.models.runner.serve.Inferences.Receiver;
import health.vantage.models.runner.serve.InputCheck.Checked;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request that holds a version, a share of the budget and its inputs' memory until it has ended. Ends exactly once. */
final class Work implements BatchChoice.Candidate {
    private static final Logger LOG = LoggerFactory.getLogger(Work.class);

    private final Inferences desk;
    private final ModelLane lane;
    private final ServedVersion version;
    private final InferenceCall call;
    private final Receiver receiver;
    private final List<Tensor> inputs = new ArrayList<>(1);
    private final long arrived = System.nanoTime();
    /** When its inputs were taken over. */
    private long prepared = arrived;

    private final Optional<String> traceParent = Caller.current().traceParent();
    private Optional<Passage.Run> run = Optional.empty();
    private String outcome = "refused";

    private final AtomicBoolean held = new AtomicBoolean(true);
    private ByteBudget.Share share = () -> {};
    private List<Wanted> wanted = List.of();
    private Optional<Kind> kind = Optional.empty();
    /** Of its tensors in our memory. */
    private long bytes;

    /** What must be equal for two requests to run as one; versions are compared as objects. */
    private record Kind(ServedVersion version, List<Shape> entries, List<String> outputs) {}

    Work(Inferences desk, ModelLane lane, ServedVersion version, InferenceCall call, Receiver receiver) {
        this.desk = desk;
        this.lane = lane;
        this.version = version;
        this.call = call;
        this.receiver = receiver;
    }

    /** @throws Refusal when it does not fit the model or the budget */
    void prepare() {
        InputCheck check = new InputCheck(version);
        List<Checked> checked = check.check(call.inputs());
        wanted = wanted();
        bytes = bytes(checked);
        share = share(bytes);
        for (Checked input : checked) {
            TensorBuffer buffer = input.given().data().take(desk.pool());
            inputs.add(new Tensor(input.spec().name(), input.spec().type(), input.shape(), buffer));
        }
        check.checkValues(inputs);
        prepared = System.nanoTime();
        if (!inCallersMemory() && lane.execution().batches(version) && Rows.same(inputs)) {
            kind = Optional.of(new Kind(
                    version,
                    inputs.stream().map(input -> Rows.entry(input.shape())).toList(),
                    outputs()));
        }
    }

    /** Joining and cutting would only add copies to what is read and written in place. */
    private boolean inCallersMemory() {
        return wanted.stream().anyMatch(Wanted::isDirect)
                || call.inputs().stream().anyMatch(input -> !input.data().takesOurMemory());
    }

    /** Of the node's budget and of the caller's. */
    private ByteBudget.Share share(long bytes) {
        ByteBudget.Share own = Caller.current().take(bytes);
        try {
            ByteBudget.Share ofAll = desk.budget().take(bytes);
            return () -> {
                own.close();
                ofAll.close();
            };
        } catch (Refusal refusal) {
            own.close();
            throw refusal;
        }
    }

    private List<Wanted> wanted() {
        List<String> known =
                version.model().outputs().stream().map(TensorSpec::name).toList();
        if (call.outputs().isEmpty()) {
            List<String> names = call.choice() == InferenceCall.OutputChoice.ALL ? known : known.subList(0, 1);
            return names.stream().map(Wanted::new).toList();
        }
        List<Wanted> asked = call.outputs().stream()
                .map(one -> call.choice() == InferenceCall.OutputChoice.FIRST
                                && one.name().equals(Wanted.FIRST)
                        ? new Wanted(known.getFirst(), one.form(), one.place())
                        : one)
                .toList();
        for (Wanted one : asked) {
            if (!known.contains(one.name())) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "model " + version + ": no output \"" + one.name() + "\"; it has " + known);
            }
        }
        for (TensorSpec spec : version.model().outputs()) {
            asked.stream()
                    .filter(one -> one.name().equals(spec.name()))
                    .flatMap(one -> one.form().objection(spec).stream())
                    .findFirst()
                    .ifPresent(objection -> {
                        throw new Refusal(
                                Refusal.Kind.INVALID,
                                "model " + version + ": output " + spec.name() + " cannot be had in this form: "
                                        + objection);
                    });
        }
        if (asked.stream().map(Wanted::name).distinct().count() != asked.size()) {
            throw new Refusal(Refusal.Kind.INVALID, "model " + version + ": an output is asked for twice");
        }
        return asked;
    }

    /** Inputs exactly; outputs as far as the model declares them, else as large as the inputs. Callers' own memory costs nothing. */
    private long bytes(List<Checked> checked) {
        long in = 0;
        long ours = 0;
        for (Checked input : checked) {
            long bytes = input.given().data().size();
            in += bytes;
            ours += input.given().data().takesOurMemory() ? bytes : 0;
        }
        for (TensorSpec spec : version.model().outputs()) {
            if (wanted.stream().anyMatch(one -> one.name().equals(spec.name()) && !one.isDirect())) {
                boolean known = spec.shape().isConcrete() && spec.type().isFixedWidth();
                ours += known ? spec.shape().bytes(spec.type()) : in;
            }
        }
        return ours;
    }

    @Override
    public Optional<Kind> kind() {
        return kind;
    }

    @Override
    public long rows() {
        return kind.isPresent() ? Rows.of(inputs) : 1;
    }

    @Override
    public long arrived() {
        return arrived;
    }

    ServedVersion version() {
        return version;
    }

    List<Tensor> inputs() {
        return inputs;
    }

    /** Their names. */
    List<String> outputs() {
        return wanted.stream().map(Wanted::name).toList();
    }

    /** Where its outputs go when it runs alone. */
    OutputMemory memory() {
        return (output, size) -> {
            for (Wanted one : wanted) {
                if (one.isDirect() && one.name().equals(output)) {
                    return one.place().orElseThrow().lend(output, size);
                }
            }
            return desk.pool().lend(size);
        };
    }

    TensorPool pool() {
        return desk.pool();
    }

    /** Its tensors in our memory, in and out, as far as they are known beforehand. */
    long bytes() {
        return bytes;
    }

    /**
     * Room for tensors beside the requests' own.
     *
     * @throws Refusal when there is none
     */
    ByteBudget.Share room(long more) {
        return desk.budget().take(more);
    }

    /** Cancelled when nobody waits for it any more. */
    Cancellation cancellation() {
        return call.cancellation();
    }

    /** Notes a run of the model, of which this request was the first. */
    void ran(int requests, long rows) {
        desk.observer().ran(lane.slot().name(), requests, rows);
    }

    /** @param outputsOfModel become the receiver's, in the wanted form; @param start of the run, as {@link System#nanoTime()} */
    void answer(List<Tensor> outputsOfModel, long start, Duration inModel) {
        version.counters().answered(inModel);
        run = Optional.of(new Passage.Run(start, start + inModel.toNanos()));
        List<Tensor> answers = new ArrayList<>(outputsOfModel);
        try {
            giveForm(answers);
            putInPlace(answers);
        } catch (RuntimeException | OutOfMemoryError e) {
            answers.forEach(Tensor::close);
            refuse(e instanceof Refusal refusal ? refusal : unformed(e));
            return;
        }
        desk.observer().answered(lane.slot().name(), Duration.ofNanos(start - arrived), inModel);
        lane.requests()
                .answered(
                        rows(),
                        prepared - arrived,
                        start - prepared,
                        inModel.toNanos(),
                        System.nanoTime() - start - inModel.toNanos());
        Answer answer = new Answer(lane.slot().name(), version.contract().version(), answers, inModel, share);
        share = () -> {};
        try {
            receiver.answer(answer);
            outcome = "ok";
            release();
        } catch (RuntimeException e) {
            broke(e);
        }
    }

    private void giveForm(List<Tensor> answers) {
        for (int i = 0; i < answers.size(); i++) {
            Wanted one = wanted.get(i);
            if (!one.isWhole()) {
                try (Tensor whole = answers.get(i)) {
                    answers.set(i, one.form().of(whole, desk.pool()));
                }
            }
        }
    }

    private Refusal unformed(Throwable e) {
        return new Refusal(
                e instanceof OutOfMemoryError ? Refusal.Kind.BUSY : Refusal.Kind.INVALID,
                "model " + version + ": an output cannot be had in the wanted form: " + e.getMessage(),
                e);
    }

    private void putInPlace(List<Tensor> answers) {
        for (int i = 0; i < answers.size(); i++) {
            Tensor answer = answers.get(i);
            Wanted one = wanted.get(i);
            if (!one.isDirect()) {
                one.place().ifPresent(place -> place.put(answer.name(), answer.data()));
            }
        }
    }

    /** The caller's memory cannot take the outputs. */
    void refused(Refusal refusal) {
        refuse(refusal);
    }

    void failed(BackendException e) {
        version.counters().failed();
        refuse(new Refusal(Refusal.Kind.MODEL_FAILED, "model " + version + ": " + e.getMessage(), e));
    }

    /** For what should not happen: a caller must hear of it all the same. */
    void broke(Throwable e) {
        refuse(new Refusal(Refusal.Kind.MODEL_FAILED, "model " + version + ": " + e, e));
    }

    void gone() {
        refuse(new Refusal(
                Refusal.Kind.CANCELLED, "the caller of model " + call.model() + " has gone or waited too long"));
    }

    private void refuse(Refusal refusal) {
        outcome = refusal.kind().name().toLowerCase(Locale.ROOT);
        try {
            desk.refuse(lane, refusal, arrived, receiver);
        } catch (RuntimeException e) {
            LOG.warn("a caller of model {} could not be told \"{}\"", call.model(), refusal.getMessage(), e);
        } finally {
            release();
        }
    }

    /** Lets go of everything; for a request that was refused before it waited. Doing it twice changes nothing. */
    void release() {
        if (held.compareAndSet(true, false)) {
            inputs.forEach(Tensor::close);
            call.closePlaces();
            share.close();
            if (version.releaseUnlessLast()) {
                left();
            } else {
                // Swapped out meanwhile. Freeing a model takes its time, and this may be an event loop.
                Thread.ofPlatform().name("close-" + lane.slot().name()).start(() -> {
                    version.release();
                    left();
                });
            }
        }
    }

    private void left() {
        desk.observer()
                .passed(new Passage(
                        lane.slot().name(),
                        version.contract().version(),
                        traceParent,
                        outcome,
                        arrived,
                        prepared,
                        run,
                        System.nanoTime()));
        desk.left();
    }
}
