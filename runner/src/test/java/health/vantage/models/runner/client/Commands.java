package health.vantage.models.runner.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs other people's programs to their end. */
public final class Commands {
    /** What {@code hack/fetch-clients} fills. */
    public static final Path FETCHED = Path.of(
            Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                    .filter(value -> !value.isBlank())
                    .orElse(System.getProperty("user.home") + "/.cache"),
            "vantage",
            "clients");

    private static final int PATIENCE_SECONDS = 120;

    private Commands() {}

    /** @param out standard output; @param err standard error */
    public record Said(int exit, String out, String err) {
        public String orFail() {
            assertThat(exit).as(err).isZero();
            return out;
        }
    }

    public static Said run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("command-", ".out");
        Path err = Files.createTempFile("command-", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(
                        command + " took more than " + PATIENCE_SECONDS + " s: " + Files.readString(err));
            }
            return new Said(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Whether a program of this name can be started. */
    public static boolean has(String program) {
        try {
            return new ProcessBuilder(program, "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
