package health.vantage.models.runner.serve;

import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The models of this runner by the name they are served under. */
public final class ModelTable {
    private final Map<String, ModelLane> lanes = new ConcurrentSkipListMap<>();
    private final LaneLimits limits;

    public ModelTable(LaneLimits limits) {
        this.limits = limits;
    }

    /** The slot of a name, made when it is new. */
    public ModelSlot slot(String name) {
        return lanes.computeIfAbsent(name, _ -> new ModelLane(new ModelSlot(name), limits.of(name)))
                .slot();
    }

    public Optional<ModelLane> find(String name) {
        return Optional.ofNullable(lanes.get(name));
    }

    public List<String> names() {
        return List.copyOf(lanes.keySet());
    }

    public void forEach(Consumer<ModelLane> action) {
        lanes.values().forEach(action);
    }

    /** Every version in memory that a slot has: those that answer, and those that wait to. */
    public List<ServedVersion> loaded() {
        return lanes.values().stream()
                .map(ModelLane::slot)
                .flatMap(slot -> Stream.concat(slot.active().stream(), slot.staged().stream()))
                .toList();
    }

    /** Forgets a name: later requests get NOT_FOUND, those inside end first. */
    public void remove(String name, String reason) {
        ModelLane lane = lanes.remove(name);
        if (lane != null) {
            lane.close(reason);
        }
    }
}
