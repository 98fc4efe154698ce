package health.vantage.models.cli;

import health.vantage.models.cli.cluster.HistoryCommand;
import health.vantage.models.cli.cluster.PlanCommand;
import health.vantage.models.cli.cluster.RetryCommand;
import health.vantage.models.cli.cluster.RollbackCommand;
import health.vantage.models.cli.cluster.StatusCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root command. */
@Command(
        name = "model",
        description = {
            "Packs, publishes, finds, verifies and pulls model artifacts;",
            "on a cluster, shows what a ModelDeployment does, and goes back."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PackCommand.class,
            PushCommand.class,
            TagCommand.class,
            TwinCommand.class,
            ListCommand.class,
            InspectCommand.class,
            ResolveCommand.class,
            VerifyCommand.class,
            SignCommand.class,
            AttestCommand.class,
            SbomCommand.class,
            ProvenanceCommand.class,
            PullCommand.class,
            CopyCommand.class,
            DiffCommand.class,
            FsckCommand.class,
            GcCommand.class,
            StatusCommand.class,
            PlanCommand.class,
            HistoryCommand.class,
            RetryCommand.class,
            RollbackCommand.class,
            CompletionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it worked",
            "1:an unexpected error",
            "2:the command line is wrong",
            "3:what was asked for does not exist",
            "4:the registry denies access",
            "5:the registry cannot be reached",
            "6:not to be trusted: signature, digest or archive",
            "7:the artifact or its tags are wrong",
            "8:the disk is full"
        },
        footer = {
            "",
            "A REFERENCE is registry.host/repo/path[:tag][@digest], or oci:/folder[:tag][@digest] for an OCI layout folder."
        })
public final class Main {
    static {
        // The tool's own output is its answer; the library's log only matters when something is odd.
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        }
    }

    /** Of help texts where no terminal says how wide it is; examples must fit. */
    private static final int WIDTH = 110;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCommandName("kubectl model")
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(WIDTH)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::wrongArguments)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    var err = command.getErr();
                    err.println(command.getColorScheme().errorText("error: " + ExitCodes.sentence(e)));
                    return ExitCodes.of(e);
                });
    }

    /** What is wrong and where to look; the whole help would push it off the screen. */
    private static int wrongArguments(CommandLine.ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("error: " + e.getMessage()));
        boolean suggested = CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        String name = command.getCommandSpec().qualifiedName();
        err.println((suggested ? "Or see" : "See") + " '" + name + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"kubectl-model " + (version == null ? "(not packaged)" : version)};
        }
    }
}
