package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.api.ModelNodeStatus.Backend;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Builds what is known of a node: ready, tier {@code rtx}, one GPU of 48 GiB, told nothing, unless a test says otherwise. */
public final class ANode {
    private final String name;
    private String tier = "rtx";
    private Set<String> formats = Set.of();
    private boolean reachable = true;
    private List<Gpu> gpus = List.of(new Gpu(0, 49_152));
    private Optional<String> cuda = Optional.empty();
    private final List<ModelInstruction> instructions = new ArrayList<>();
    private final List<ModelState> reports = new ArrayList<>();
    private final List<Backend> backends = new ArrayList<>();

    private ANode(String name) {
        this.name = name;
    }

    public static ANode named(String name) {
        return new ANode(name);
    }

    public ANode tier(String of) {
        tier = of;
        return this;
    }

    /** Its tier says what it loads. */
    public ANode tierLoads(String... all) {
        formats = Set.of(all);
        return this;
    }

    public ANode away() {
        reachable = false;
        return this;
    }

    /** GPUs 0, 1, ... with so much usable memory each; none: nothing says how much it has. */
    public ANode gpus(long... usableMiB) {
        var all = new ArrayList<Gpu>();
        for (long memory : usableMiB) {
            all.add(new Gpu(all.size(), memory));
        }
        gpus = all;
        return this;
    }

    public ANode cuda(String version) {
        cuda = Optional.of(version);
        return this;
    }

    public ANode backend(String backend, String version, boolean available, String message, String... formats) {
        backends.add(new Backend(backend, version, List.of(formats), available, message));
        return this;
    }

    public ANode told(Told told) {
        instructions.add(told.instruction());
        return this;
    }

    public ANode said(Said said) {
        reports.add(said.report());
        return this;
    }

    /** Another deployment has confirmed a model of that size there. */
    public ANode taken(String byModel, int device, long memoryMiB) {
        return told(Told.to(Step.Confirm)
                        .of(byModel)
                        .target("sha256:" + byModel, memoryMiB)
                        .on(device))
                .said(Said.is(ModelNodeStatus.State.Confirmed).of(byModel).serving("sha256:" + byModel));
    }

    public NodeFacts facts() {
        return new NodeFacts(
                name,
                tier,
                reachable,
                Instant.parse("2026-01-01T00:00:00Z"),
                "uid-of-" + name,
                formats,
                gpus,
                cuda,
                instructions,
                new ModelNodeStatus(null, null, backends, reports, null, null));
    }
}
