package health.vantage.models.cli.cluster;

import health.vantage.models.api.ModelDeploymentStatus.TierPlan;
import health.vantage.models.cli.OutputFormat;
import health.vantage.models.cli.Table;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code model plan}: on which tiers and nodes it fits, and why not on the others. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = "Shows on which tiers and nodes the model fits, and why not on the others.")
public final class PlanCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterFlags cluster;

    @Mixin
    private OutputFormat output;

    @Override
    public Integer call() {
        return cluster.with(found -> {
            PrintWriter out = spec.commandLine().getOut();
            var plan = found.status().plan();
            if (plan.isEmpty()) {
                throw new IllegalArgumentException(
                        "ModelDeployment " + found.title() + " has not been planned yet; `model status` says why");
            }
            output.print(out, ClusterFacts.plan(plan), () -> print(plan, out));
            return 0;
        });
    }

    private static void print(List<TierPlan> plan, PrintWriter out) {
        var tiers = new Table("TIER", "FITS ON", "NEEDS MIB", "DIGEST");
        plan.forEach(t -> tiers.row(
                t.tier(),
                t.fitting() + " of " + t.nodes() + " nodes",
                t.vramMiB() == null ? "-" : t.vramMiB(),
                t.digest() == null ? "-" : t.digest()));
        tiers.print(out);
        if (plan.stream().anyMatch(t -> !t.misfits().isEmpty())) {
            out.println();
            var misfits = new Table("NODE", "TIER", "REASON", "MESSAGE");
            plan.forEach(t -> t.misfits().forEach(m -> misfits.row(m.node(), t.tier(), m.reason(), m.message())));
            misfits.print(out);
        }
    }
}
