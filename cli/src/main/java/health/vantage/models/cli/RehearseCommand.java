package health.vantage.models.cli;

import health.vantage.models.cli.start.Rehearsal;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code model rehearse}: for the launcher, see {@link Rehearsal}. */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Runs the commonest commands on a small model of noise, for a JVM that records what they need.")
final class RehearseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        new Rehearsal(arguments ->
                        Main.commandLine(arguments).setOut(err).setErr(err).execute(arguments))
                .run();
        return 0;
    }
}
