package health.vantage.models.runner.node;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.runner.journal.JournalEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All models of this node, each with its worker. Calls come one at a time: from the start, then from the watch. */
public final class NodeRunner {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRunner.class);

    private final NodeParts parts;
    private final StatusBoard board;
    private final BooleanSupplier operatorSees;
    private final Duration patience;
    private final CachePruning pruning;
    private final Map<String, ModelWorker> workers = new TreeMap<>();

    /**
     * @param operatorSees whether the API server can be reached now
     * @param patience how long an unconfirmed version may fail before the node acts although it can
     */
    public NodeRunner(NodeParts parts, StatusBoard board, BooleanSupplier operatorSees, Duration patience) {
        this.parts = parts;
        this.board = board;
        this.operatorSees = operatorSees;
        this.patience = patience;
        this.pruning = new CachePruning(
                parts.journal(), parts.store(), parts.serving().loading().builtEngines());
    }

    /** Serves what the journal says; asks nobody. */
    public synchronized void restore(boolean lastOneDied) {
        for (JournalEntry entry : parts.journal().all()) {
            ModelWorker worker = worker(entry.model());
            Restoration restoration = new Restoration(worker.model());
            if (restoration.takesLong()) {
                worker.start(() -> restoration.restore(lastOneDied));
            } else {
                restoration.restore(lastOneDied);
                worker.start();
            }
        }
    }

    /**
     * The whole wish for this node: a model that is not in it is unloaded and forgotten.
     *
     * @throws InterruptedException when the process stops
     */
    public synchronized void apply(List<ModelInstruction> wishes) throws InterruptedException {
        wishes.forEach(this::instruct);
        keepOnly(wishes.stream().map(ModelInstruction::name).collect(Collectors.toSet()));
    }

    /** One model's wish; the others go on. */
    public synchronized void instruct(ModelInstruction wish) {
        if (workers.containsKey(wish.name())) {
            workers.get(wish.name()).instruct(wish);
            return;
        }
        ModelWorker worker = worker(wish.name());
        worker.instruct(wish);
        worker.start();
    }

    /**
     * Unloads and forgets every other model.
     *
     * @throws InterruptedException when the process stops
     */
    public synchronized void keepOnly(Set<String> names) throws InterruptedException {
        for (String name : List.copyOf(workers.keySet())) {
            if (!names.contains(name)) {
                retire(name);
            }
        }
    }

    /** Whether this model's worker has dealt with everything it was told. */
    synchronized boolean idle(String name) {
        return workers.get(name).idle();
    }

    private ModelWorker worker(String name) {
        NodeModel model = new NodeModel(name, parts, board);
        ModelWorker worker = new ModelWorker(model, new SoakGuard(operatorSees, patience), pruning);
        workers.put(name, worker);
        board.add(model);
        return worker;
    }

    private void retire(String name) throws InterruptedException {
        LOG.info("model {}: removed from this node", name);
        workers.remove(name).stop();
        parts.serving().remove(name, "it was removed from this node");
        parts.journal().remove(name);
        board.remove(name);
        pruning.prune();
    }

    /** Ends the workers; what serves keeps serving until the ports close. */
    public synchronized void stop() throws InterruptedException {
        for (ModelWorker worker : workers.values()) {
            worker.stop();
        }
        workers.clear();
    }
}
