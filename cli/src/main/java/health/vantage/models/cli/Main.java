package health.vantage.models.cli;

import health.vantage.models.cli.cluster.HistoryCommand;
import health.vantage.models.cli.cluster.PlanCommand;
import health.vantage.models.cli.cluster.RetryCommand;
import health.vantage.models.cli.cluster.RollbackCommand;
import health.vantage.models.cli.cluster.StatusCommand;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** Every command by its name, in the order of the help. */
    static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("pack", PackCommand.class);
        COMMANDS.put("push", PushCommand.class);
        COMMANDS.put("tag", TagCommand.class);
        COMMANDS.put("twin", TwinCommand.class);
        COMMANDS.put("ls", ListCommand.class);
        COMMANDS.put("inspect", InspectCommand.class);
        COMMANDS.put("resolve", ResolveCommand.class);
        COMMANDS.put("verify", VerifyCommand.class);
        COMMANDS.put("sign", SignCommand.class);
        COMMANDS.put("attest", AttestCommand.class);
        COMMANDS.put("sbom", SbomCommand.class);
        COMMANDS.put("provenance", ProvenanceCommand.class);
        COMMANDS.put("pull", PullCommand.class);
        COMMANDS.put("copy", CopyCommand.class);
        COMMANDS.put("diff", DiffCommand.class);
        COMMANDS.put("fsck", FsckCommand.class);
        COMMANDS.put("gc", GcCommand.class);
        COMMANDS.put("status", StatusCommand.class);
        COMMANDS.put("plan", PlanCommand.class);
        COMMANDS.put("history", HistoryCommand.class);
        COMMANDS.put("retry", RetryCommand.class);
        COMMANDS.put("rollback", RollbackCommand.class);
        COMMANDS.put("completion", CompletionCommand.class);
        COMMANDS.put("rehearse", RehearseCommand.class);
    }

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
        System.exit(commandLine(args).execute(args));
    }

    /** With every command. */
    static CommandLine commandLine() {
        return commandLine(COMMANDS.values());
    }

    /** With the command that is asked for, if it is clear which: describing all of them takes longer than a small pull. */
    static CommandLine commandLine(String... args) {
        Class<?> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        return named == null ? commandLine() : commandLine(List.of(named));
    }

    private static CommandLine commandLine(Collection<Class<?>> commands) {
        var root = new CommandLine(new Main());
        commands.forEach(root::addSubcommand);
        return root.setCommandName("kubectl model")
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
