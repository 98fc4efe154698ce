package health.vantage.models.runner.node;

import health.vantage.models.api.ModelNodeStatus.ModelState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** What all workers have to say, and a bell for whoever carries it to the API server. */
public final class StatusBoard {
    private final String startedAt;
    private final Map<String, NodeModel> models = new ConcurrentSkipListMap<>();
    private Bell bell = Bell.CHANGE;

    public StatusBoard(Instant startedAt) {
        this.startedAt = startedAt.toString();
    }

    /** RFC 3339; tells counters of two processes apart. */
    String startedAt() {
        return startedAt;
    }

    void add(NodeModel model) {
        models.put(model.name(), model);
        changed();
    }

    void remove(String name) {
        models.remove(name);
        changed();
    }

    /** Every model that has something to say, by name. */
    public List<ModelState> states() {
        return models.values().stream()
                .filter(model -> model.progress().state() != null)
                .map(NodeModel::state)
                .toList();
    }

    public synchronized void changed() {
        bell = Bell.CHANGE;
        notifyAll();
    }

    synchronized void progressed() {
        bell = bell == Bell.CHANGE ? Bell.CHANGE : Bell.PROGRESS;
    }

    /** Waits for an urgent change, at most so long; silences the bell and says what it was. */
    public synchronized Bell await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        long left = atMost.toMillis();
        while (bell != Bell.CHANGE && left > 0) {
            wait(left);
            left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        }
        Bell was = bell;
        bell = Bell.SILENT;
        return was;
    }
}
