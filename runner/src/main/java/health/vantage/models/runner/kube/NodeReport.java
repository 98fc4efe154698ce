package health.vantage.models.runner.kube;

import health.vantage.models.api.Condition;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.runner.Version;
import health.vantage.models.runner.backend.Availability.Available;
import health.vantage.models.runner.backend.Availability.Unavailable;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.node.StatusBoard;
import health.vantage.models.runner.store.ModelStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole ModelNode.status as of now. */
public final class NodeReport {
    /** The status must stay small however many versions a disk holds. */
    private static final int MAX_CACHED = 50;

    private static final Logger LOG = LoggerFactory.getLogger(NodeReport.class);

    private final StatusBoard board;
    private final ModelStore store;
    private final List<ModelNodeStatus.Backend> backends;
    private final DeviceMemory memory;
    private final ModelNodeStatus.Runner runner;
    private final MemoryCondition declared;
    private volatile Condition ready;

    public NodeReport(
            StatusBoard board,
            ModelStore store,
            Backends backends,
            DeviceMemory memory,
            Instant startedAt,
            int grpcPort) {
        this.board = board;
        this.store = store;
        this.memory = memory;
        this.declared = new MemoryCondition(Clock.systemUTC());
        this.backends = describe(backends);
        this.runner = new ModelNodeStatus.Runner(Version.CURRENT, startedAt.toString(), grpcPort);
        boolean available = backends.probed().values().stream().anyMatch(Available.class::isInstance);
        this.ready = available
                ? condition(Condition.Status.True, startedAt, "Serving", "The runner serves on this node")
                : condition(
                        Condition.Status.False,
                        startedAt,
                        "NoBackend",
                        "No backend of this runner can run here; status.backends says why");
    }

    /** From now on the runner takes no requests and only ends those inside. */
    public void draining(Instant since) {
        ready = condition(
                Condition.Status.False, since, "Draining", "The runner was told to stop and takes no requests");
    }

    private static Condition condition(Condition.Status status, Instant since, String reason, String message) {
        return new Condition("Ready", status, null, since.toString(), reason, message);
    }

    ModelNodeStatus now() {
        List<ModelState> models = board.states();
        return new ModelNodeStatus(
                runner, memory.read(), backends, models, cache(), List.of(ready, declared.judge(models)));
    }

    private ModelNodeStatus.Cache cache() {
        try {
            ModelStore.Contents contents = store.contents();
            return new ModelNodeStatus.Cache(
                    contents.usedBytes(),
                    contents.freeBytes(),
                    contents.models().stream()
                            .limit(MAX_CACHED)
                            .map(Object::toString)
                            .toList());
        } catch (ArtifactException e) {
            LOG.warn("the cache cannot be described: {}", e.getMessage());
            return null;
        }
    }

    private static List<ModelNodeStatus.Backend> describe(Backends backends) {
        return backends.probed().entrySet().stream()
                .map(entry -> {
                    String name = entry.getKey().name();
                    List<String> formats =
                            entry.getKey().formats().stream().sorted().toList();
                    return switch (entry.getValue()) {
                        case Available(String version, String device) ->
                            new ModelNodeStatus.Backend(name, version, formats, true, "runs on " + device);
                        case Unavailable(String reason) ->
                            new ModelNodeStatus.Backend(name, null, formats, false, reason);
                    };
                })
                .sorted(Comparator.comparing(ModelNodeStatus.Backend::name))
                .toList();
    }
}
