package health.vantage.models.runner.install;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Records {@link Installation#aotCache()} from one run of {@code runner selfcheck}. */
public record AotTraining(Installation installation) {
    private static final Duration AT_MOST = Duration.ofMinutes(5);

    /** @throws IOException with what the run printed, when it failed or left no cache */
    public void run() throws IOException, InterruptedException {
        Path cache = installation.aotCache();
        // Not in the way of the run itself, and never half there.
        Files.deleteIfExists(cache);
        Path fresh = cache.resolveSibling(cache.getFileName() + ".new");
        Path log = Files.createTempFile("vantage-prepare-", ".log");
        try {
            Process child = new ProcessBuilder(command(fresh))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!child.waitFor(AT_MOST.toSeconds(), TimeUnit.SECONDS)) {
                child.destroyForcibly();
                throw new IOException(
                        "the training run did not end within " + AT_MOST.toSeconds() + " s: " + Files.readString(log));
            }
            if (child.exitValue() != 0 || !Files.exists(fresh)) {
                throw new IOException("the training run ended with exit code " + child.exitValue()
                        + (Files.exists(fresh) ? "" : " and without a cache; it takes a JDK or JRE 25 or newer") + ": "
                        + Files.readString(log));
            }
            Files.move(fresh, cache, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
            // The JVM's own, left behind when it dies.
            Files.deleteIfExists(fresh.resolveSibling(fresh.getFileName() + ".config"));
            Files.deleteIfExists(log);
        }
    }

    /** With this process's own options: objects in the cache are laid out for one garbage collector and heap. */
    private List<String> command(Path output) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-XX:AOT"))
                .forEach(command::add);
        command.addAll(List.of(
                "-XX:AOTCacheOutput=" + output,
                // Hundreds of classes that cannot be kept, each with a warning.
                "-Xlog:aot*=error",
                "-jar",
                installation.jar().toAbsolutePath().toString(),
                "selfcheck",
                "--with-kubernetes"));
        return command;
    }
}
