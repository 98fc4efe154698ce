package health.vantage.models.cli.cluster;

import health.vantage.models.api.ApiGroup;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code model retry}: clears the quarantine and tries again. */
@Command(
        name = "retry",
        mixinStandardHelpOptions = true,
        description = {
            "Clears a ModelDeployment's quarantine, looks its tags up and starts a new attempt.",
            "Writes an annotation; the spec stays as it is."
        })
public final class RetryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterFlags cluster;

    @Option(names = "--look-only", description = "Only look the tags up once more; what is in quarantine stays there.")
    private boolean lookOnly;

    @Override
    public Integer call() {
        return cluster.with(found -> {
            found.annotate(
                    lookOnly ? ApiGroup.RESOLVE_ANNOTATION : ApiGroup.RETRY_ANNOTATION,
                    Instant.now().toString());
            spec.commandLine()
                    .getOut()
                    .println(
                            found.title() + ": " + (lookOnly ? "its tags are looked up" : "a new attempt was asked for")
                                    + "; follow it with `kubectl get vmd " + cluster.name() + " -w`");
            return 0;
        });
    }
}
