package health.vantage.models.cli.cluster;

import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionStatus;
import health.vantage.models.cli.OutputFormat;
import health.vantage.models.cli.Table;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code model history}: which versions served here, when, and what they were trained on. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description = "Shows which versions served, when, what became of them and what they were trained on.")
public final class HistoryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterFlags cluster;

    @Mixin
    private OutputFormat output;

    @Override
    public Integer call() {
        return cluster.with(found -> {
            var table = new Table(
                    "REVISION", "VERSION", "OUTCOME", "CREATED", "CONFIRMED", "RETIRED", "TRAINING RUN", "DATASET");
            sorted(found.revisions())
                    .forEach(r -> table.row(
                            r.getMetadata().getName(),
                            r.getSpec().version(),
                            text(
                                    r,
                                    s -> s.outcome() == null
                                            ? null
                                            : s.outcome().name()),
                            r.getMetadata().getCreationTimestamp(),
                            text(r, ModelRevisionStatus::confirmedAt),
                            text(r, ModelRevisionStatus::retiredAt),
                            orDash(r.getSpec().trainingRun()),
                            orDash(r.getSpec().dataset())));
            output.print(
                    spec.commandLine().getOut(), ClusterFacts.of(sorted(found.revisions())), out -> table.print(out));
            return 0;
        });
    }

    /** Oldest first, as it happened. */
    static List<ModelRevision> sorted(List<ModelRevision> revisions) {
        return revisions.stream()
                .sorted(Comparator.comparing(
                                (ModelRevision r) -> r.getMetadata().getCreationTimestamp())
                        .thenComparing(r -> r.getMetadata().getName()))
                .toList();
    }

    private static String text(ModelRevision revision, Function<ModelRevisionStatus, String> field) {
        return orDash(Optional.ofNullable(revision.getStatus()).map(field).orElse(null));
    }

    private static String orDash(String value) {
        return value == null ? "-" : value;
    }
}
