package health.vantage.models.system.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a command as a person would, and hands out what it printed. */
public record Shell(Path program, Map<String, String> environment) {
    private static final long LIMIT_SECONDS = 60;

    /**
     * @return standard output and error, as they came
     * @throws IllegalStateException with what it printed, if it does not end with 0
     */
    public String run(String... arguments) {
        return run(List.of(arguments), "");
    }

    public String run(List<String> arguments, String input) {
        var words = new ArrayList<String>();
        words.add(program.toString());
        words.addAll(arguments);
        var builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(words + " took longer than " + LIMIT_SECONDS + " s:\n" + printed);
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException(words + " ended with " + process.exitValue() + ":\n" + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(words + " cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + words, e);
        }
    }
}
