package health.vantage.models.cli.cluster;

import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionStatus.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code model rollback}: back to a version that was good, on purpose. */
@Command(
        name = "rollback",
        mixinStandardHelpOptions = true,
        description = {
            "Goes back to an earlier version that was confirmed here, by pinning it in the spec.",
            "It is rolled out like any other: staged everywhere, or nowhere. Where Git writes the spec, change it there."
        })
public final class RollbackCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterFlags cluster;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            description = "A version of `model history` (default: the one before).")
    private String version;

    @Override
    public Integer call() {
        return cluster.with(found -> {
            ModelRevision goal = goal(found);
            String repository = found.deployment().getSpec().model().repository();
            String to = goal.getSpec().version();
            found.patch("{\"spec\":{\"model\":{\"repository\":\"" + repository + "\",\"version\":\"" + to
                    + "\",\"capabilities\":null,\"digest\":null}}}");
            spec.commandLine()
                    .getOut()
                    .println(found.title() + ": spec.model.version is " + to
                            + " now. To follow the tags again, put spec.model.capabilities back in its place");
            return 0;
        });
    }

    private ModelRevision goal(ClusterFlags.Found found) {
        String serving = Optional.ofNullable(found.status().lastGood())
                .map(good -> good.name())
                .orElse("");
        List<ModelRevision> good = HistoryCommand.sorted(found.revisions()).stream()
                .filter(revision -> revision.getStatus() != null
                        && (revision.getStatus().outcome() == Outcome.Confirmed
                                || revision.getStatus().outcome() == Outcome.Superseded))
                .filter(revision -> !revision.getMetadata().getName().equals(serving))
                .filter(revision ->
                        version == null || revision.getSpec().version().equals(version))
                .toList();
        if (good.isEmpty()) {
            throw new IllegalArgumentException(
                    version == null
                            ? "no earlier version was confirmed here; `model history` shows what there is"
                            : "version " + version + " was never confirmed here, or serves already; `model history`"
                                    + " shows what there is");
        }
        return good.getLast();
    }
}
