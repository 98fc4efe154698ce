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

/** Records {@link Installation#aotCache()} and {@link Installation#preflightCache()} from one run of {@code runner selfcheck}. */
public record AotTraining(Installation installation) {
    private static final Duration AT_MOST = Duration.ofMinutes(5);

    /** @throws IOException with what the run printed, when it failed or left a cache out */
    public void run() throws IOException, InterruptedException {
        List<Path> caches = List.of(installation.aotCache(), installation.preflightCache());
        Path log = Files.createTempFile("vantage-prepare-", ".log");
        try {
            Process child = new ProcessBuilder(command())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!child.waitFor(AT_MOST.toSeconds(), TimeUnit.SECONDS)) {
                child.destroyForcibly();
                throw new IOException(
                        "the training run did not end within " + AT_MOST.toSeconds() + " s: " + Files.readString(log));
            }
            if (child.exitValue() != 0) {
                throw new IOException(
                        "the training run ended with exit code " + child.exitValue() + ": " + Files.readString(log));
            }
            for (Path cache : caches) {
                if (!Files.exists(fresh(cache))) {
                    throw new IOException("the training run left no " + cache.getFileName()
                            + "; it takes a JDK or JRE 25 or newer: " + Files.readString(log));
                }
            }
            // Never half there.
            for (Path cache : caches) {
                Files.move(fresh(cache), cache, StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            for (Path cache : caches) {
                Files.deleteIfExists(fresh(cache));
                // The JVM's own, left behind when it dies.
                Files.deleteIfExists(cache.resolveSibling(fresh(cache).getFileName() + ".config"));
            }
            Files.deleteIfExists(log);
        }
    }

    /** Absolute: a preflight works in a folder of its own. */
    private static Path fresh(Path cache) {
        return cache.resolveSibling(cache.getFileName() + ".new").toAbsolutePath();
    }

    /** With this process's own options: objects in the cache are laid out for one garbage collector and heap. */
    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-XX:AOT"))
                .forEach(command::add);
        command.addAll(Installation.record(fresh(installation.aotCache())));
        command.add("-D" + Installation.RECORD_PREFLIGHT + "=" + fresh(installation.preflightCache()));
        command.addAll(
                List.of("-jar", installation.jar().toAbsolutePath().toString(), "selfcheck", "--with-kubernetes"));
        return command;
    }
}
