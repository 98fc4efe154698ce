package health.vantage.models.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model completion}: a script for the shell. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a completion script for the shell.",
            "Put 'source <(kubectl-model completion bash)' into the shell's start file. It completes 'kubectl-model'; for",
            "'kubectl model' also put a link to bin/kubectl_complete-model on the PATH, which kubectl asks."
        })
final class CompletionCommand implements Callable<Integer> {
    /** The shells there is a script for; zsh reads bash's with its own bashcompinit, which the script calls. */
    enum Shell {
        bash,
        zsh
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println(AutoComplete.bash("kubectl-model", Main.commandLine()));
        return 0;
    }
}
