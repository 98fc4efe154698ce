package health.vantage.models.cli.cluster;

import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.cli.OutputFormat;
import health.vantage.models.cli.Table;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code model status}: what serves, what is under way, what is in the way. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows what a ModelDeployment serves, what is under way and what is in its way.")
public final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterFlags cluster;

    @Mixin
    private OutputFormat output;

    @Override
    public Integer call() {
        return cluster.with(found -> {
            ModelDeploymentStatus status = found.status();
            output.print(spec.commandLine().getOut(), ClusterFacts.of(status), out -> print(status, out));
            return 0;
        });
    }

    private static void print(ModelDeploymentStatus status, PrintWriter out) {
        new Table("WHAT", "REVISION", "VERSION")
                .row("desired", revision(status.desired()), version(status.desired()))
                .row("active", revision(status.active()), version(status.active()))
                .row("last good", revision(status.lastGood()), version(status.lastGood()))
                .print(out);
        rollout(out, status);
        out.println();
        var conditions = new Table("CONDITION", "STATUS", "REASON", "MESSAGE");
        status.conditions().forEach(c -> conditions.row(c.type(), c.status(), c.reason(), c.message()));
        conditions.print(out);
        if (!status.failingNodes().isEmpty()) {
            out.println();
            var nodes = new Table("FAILING NODE", "REASON", "MESSAGE");
            status.failingNodes().forEach(n -> nodes.row(n.node(), n.reason(), n.message()));
            nodes.print(out);
        }
        if (!status.quarantined().isEmpty()) {
            out.println();
            var bad = new Table("QUARANTINED", "VERSION", "REASON", "SINCE");
            status.quarantined().forEach(q -> bad.row(q.digest(), q.version(), q.reason(), q.since()));
            bad.print(out);
        }
        out.flush();
    }

    private static void rollout(PrintWriter out, ModelDeploymentStatus status) {
        RolloutStatus rollout = status.rollout();
        if (rollout == null || rollout.epoch() == 0) {
            return;
        }
        out.println();
        new Table("EPOCH", "PHASE", "VERSION", "NODES", "STAGED", "ACTIVE", "CONFIRMED", "FAILED")
                .row(
                        rollout.epoch(),
                        rollout.phase(),
                        rollout.version(),
                        rollout.nodes(),
                        rollout.staged(),
                        rollout.active(),
                        rollout.confirmed(),
                        rollout.failed())
                .print(out);
        Optional.ofNullable(rollout.message()).ifPresent(out::println);
    }

    private static String revision(ModelDeploymentStatus.RevisionRef ref) {
        return ref == null ? "-" : ref.name();
    }

    private static String version(ModelDeploymentStatus.RevisionRef ref) {
        return ref == null ? "-" : ref.version();
    }
}
