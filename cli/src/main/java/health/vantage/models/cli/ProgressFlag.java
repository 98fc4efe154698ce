package health.vantage.models.cli;

import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.progress.ProgressListener;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --quiet}, on every command that may take long. */
final class ProgressFlag {
    /** Whether standard error is a terminal; the launcher knows, Java cannot ask. */
    private static final String TERMINAL = "vantage.stderr.terminal";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bars; there are none either where standard error is not a terminal.")
    private boolean quiet;

    /** Bars where somebody looks, nothing elsewhere. */
    Shown start() {
        PrintWriter err = spec.commandLine().getErr();
        return !quiet && isTerminal() ? new Shown(new ProgressBars(err, System::nanoTime)) : new Shown(null);
    }

    private static boolean isTerminal() {
        String told = System.getProperty(TERMINAL);
        if (told != null) {
            return Boolean.parseBoolean(told);
        }
        return System.console() != null && System.console().isTerminal();
    }

    /** What was started; close it before anything is printed. */
    static final class Shown implements AutoCloseable {
        private final ProgressBars bars;

        private Shown(ProgressBars bars) {
            this.bars = bars;
        }

        ProgressListener listener() {
            return bars == null ? ProgressListener.NONE : bars;
        }

        PullListener pullListener() {
            return bars == null ? PullListener.NONE : bars;
        }

        @Override
        public void close() {
            if (bars != null) {
                bars.close();
            }
        }
    }
}
