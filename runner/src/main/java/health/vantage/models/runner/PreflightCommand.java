package health.vantage.models.runner;

import health.vantage.models.runner.preflight.PreflightChild;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What the runner starts as a child; not for people. */
@Command(
        name = "preflight",
        hidden = true,
        description = "Tries a model described by JSON on standard input, and answers on standard output.")
final class PreflightCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        PreflightChild.run(System.in, System.out);
        return 0;
    }
}
