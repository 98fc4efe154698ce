package health.vantage.models.runner;

import health.vantage.models.runner.backend.Availability.Available;
import health.vantage.models.runner.backend.Availability.Unavailable;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What this machine can run models with, for whoever wonders why a GPU stands idle. */
@Command(
        name = "backends",
        mixinStandardHelpOptions = true,
        description = "Lists what can execute models here, in order of preference, and exactly why the others cannot.")
final class BackendsCommand implements Callable<Integer> {
    @Mixin
    private EngineArguments engines;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        engines.backends(Optional.empty()).probed().forEach((backend, availability) -> {
            String formats = String.join(", ", new TreeSet<>(backend.formats()));
            String state =
                    switch (availability) {
                        case Available(String version, String device) ->
                            "available: version " + version + " on " + device;
                        case Unavailable(String reason) -> "unavailable: " + reason;
                    };
            out.println(backend.name() + " (" + formats + "): " + state);
        });
        out.flush();
        return 0;
    }
}
