package health.vantage.models.runner;

import health.vantage.models.runner.install.Installation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The runner's command line. */
@Command(
        name = "runner",
        description = "Serves the models of one node over gRPC.",
        mixinStandardHelpOptions = true,
        versionProvider = RunnerMain.Versions.class,
        subcommands = {
            ServeCommand.class,
            PrefetchCommand.class,
            BackendsCommand.class,
            SelfcheckCommand.class,
            PrepareCommand.class
        })
public final class RunnerMain {
    private RunnerMain() {}

    static final class Versions implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"runner " + Version.CURRENT};
        }
    }

    public static void main(String[] arguments) {
        Installation.current().ifPresent(Installation::useNatives);
        // Not by returning: threads of native libraries must not keep a finished process alive.
        System.exit(new CommandLine(new RunnerMain())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("runner: " + failure.getMessage());
                    if (Boolean.getBoolean("vantage.debug")) {
                        failure.printStackTrace(command.getErr());
                    }
                    return 1;
                })
                .execute(arguments));
    }
}
