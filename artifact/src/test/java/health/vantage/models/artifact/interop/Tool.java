package health.vantage.models.artifact.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Somebody else's program, from the folder that {@code hack/interop-tools} prints. */
final class Tool {
    private static final String PROPERTY = "vantage.interop.tools";

    private final Path program;
    private final Path home;

    private Tool(Path program, Path home) {
        this.program = program;
        this.home = home;
    }

    /** Skips the test, saying what is missing, if the tool is not here. */
    static Tool find(String name, Path home) {
        String folder = System.getProperty(PROPERTY);
        assumeTrue(
                folder != null,
                name + " is missing: run 'make interop', or give -D" + PROPERTY + "=$(hack/interop-tools)");
        Path program = Path.of(folder, name);
        assumeTrue(Files.isExecutable(program), program + " is missing: run hack/interop-tools, it says why");
        return new Tool(program, home);
    }

    record Result(int exit, String output) {}

    /** What it printed; fails if it fails. */
    String run(Object... arguments) {
        Result result = attempt(arguments);
        if (result.exit() != 0) {
            throw new AssertionError(program.getFileName() + " " + List.of(arguments) + " ended with " + result.exit()
                    + ":\n" + result.output());
        }
        return result.output();
    }

    /** Starts it, for whoever ends it; what it prints goes into the log. */
    Process begin(Path log, Object... arguments) {
        try {
            return builder(log, arguments).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder(Path log, Object... arguments) {
        var command = new ArrayList<String>();
        command.add(program.toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        var builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // Nobody's own docker login or sigstore settings may decide a test.
        builder.environment().put("HOME", home.toString());
        builder.environment().put("COSIGN_PASSWORD", "");
        return builder;
    }

    Result attempt(Object... arguments) {
        try {
            Path log = Files.createTempFile(home, "tool-", ".log");
            Process process = begin(log, arguments);
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(program.getFileName() + " " + List.of(arguments)
                        + " did not end within 60 s:\n" + Files.readString(log));
            }
            return new Result(process.exitValue(), new String(Files.readAllBytes(log), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(program.getFileName() + " " + List.of(arguments) + " could not be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
