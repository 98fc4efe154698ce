package health.vantage.models.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Ends every process that we started when this JVM is gone, however it went: a small shell holds the other end of a pipe,
 * and ends the process groups it was told of when the pipe closes. A shutdown hook would not run after {@code kill -9}, and
 * a forgotten API server would stay.
 */
final class Lifeline {
    private static final String SCRIPT = """
            declare -A groups
            while read -r what group; do
              if [ "$what" = hold ]; then groups[$group]=1; else unset "groups[$group]"; fi
            done
            for group in "${!groups[@]}"; do kill -KILL -- "-$group" 2>/dev/null; done
            """;

    private static final Lifeline INSTANCE = new Lifeline();
    private final Writer pipe;

    private Lifeline() {
        try {
            Process shell = new ProcessBuilder("setsid", "bash", "-c", SCRIPT)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            pipe = shell.outputWriter(StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("bash and setsid (util-linux) are needed to run local processes safely", e);
        }
    }

    static void hold(long group) {
        INSTANCE.tell("hold", group);
    }

    static void release(long group) {
        INSTANCE.tell("release", group);
    }

    private synchronized void tell(String what, long group) {
        try {
            pipe.write(what + " " + group + "\n");
            pipe.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("The shell that guards our processes is gone", e);
        }
    }
}
