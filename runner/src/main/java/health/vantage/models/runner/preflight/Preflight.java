package health.vantage.models.runner.preflight;

import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.install.Installation;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.load.VersionLoader;
import health.vantage.models.runner.store.StoredModel;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Loads and runs a version in a process of its own before it may come near the one that serves: a model can crash the native runtime,
 * hang, or take more memory than it declares.
 */
public final class Preflight {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEPT_LINES = 5;
    private static final String CRASH_REPORT = "crash.log";

    private final Limits limits;
    private final LoadOptions options;

    public Preflight(Limits limits, int threads) {
        this(limits, new LoadOptions(threads));
    }

    /** @param options what the child loads with */
    public Preflight(Limits limits, LoadOptions options) {
        this.limits = limits;
        this.options = options;
    }

    /**
     * @param timeout for everything
     * @param ownMemoryMiB what the child may take beside what the model declares: the Java runtime and the native libraries
     */
    public record Limits(Duration timeout, long ownMemoryMiB) {
        public static Limits defaults() {
            return new Limits(Duration.ofMinutes(5), 768);
        }
    }

    /**
     * Runs the child to its end.
     *
     * @param gpu to try it on, where there are some
     * @param superseded asked while it runs; {@code true} ends it
     * @throws LoadFailure when the version is not fit to serve, with the reason
     */
    public PreflightReport check(StoredModel model, int gpu, BooleanSupplier superseded) throws LoadFailure {
        Path work = null;
        try {
            work = Files.createTempDirectory("vantage-preflight-");
            PreflightReport report = run(model, gpu, work, superseded);
            if (!report.passed()) {
                throw new LoadFailure(report.reason(), report.message());
            }
            return report;
        } catch (IOException e) {
            throw new LoadFailure(
                    VersionLoader.PREFLIGHT_FAILED, "the preflight of " + name(model) + " cannot be started: " + e, e);
        } finally {
            delete(work);
        }
    }

    private PreflightReport run(StoredModel model, int gpu, Path work, BooleanSupplier superseded)
            throws IOException, LoadFailure {
        Path answer = work.resolve("out");
        Path errors = work.resolve("err");
        ProcessBuilder trial = new ProcessBuilder(command(work))
                .directory(work.toFile())
                .redirectOutput(answer.toFile())
                .redirectError(errors.toFile());
        // Not on the command line: ONNX Runtime crashes on a long one, see OnnxCpuBackend.
        trial.environment().put("CLASSPATH", classPath());
        Process child = trial.start();
        try {
            preferVictim(child);
            try (OutputStream in = child.getOutputStream()) {
                JSON.writeValue(in, PreflightRequest.of(model, options.onDevice(gpu)));
            } catch (IOException e) {
                // It died before it listened; its exit tells more than the broken pipe.
                child.onExit().join();
            }
            new ChildWatch(child, limits.timeout(), model.contract().memoryMiB() + limits.ownMemoryMiB())
                    .await(superseded, name(model));
            Optional<PreflightReport> report = report(answer);
            if (report.isPresent()) {
                return report.get();
            }
            throw new LoadFailure(
                    VersionLoader.PREFLIGHT_FAILED,
                    name(model) + " " + ChildExit.describe(child.exitValue(), work.resolve(CRASH_REPORT))
                            + " while it was tried in a process of its own" + lastWords(errors));
        } finally {
            child.destroyForcibly();
        }
    }

    private static Optional<PreflightReport> report(Path answer) throws IOException {
        for (String line : new String(Files.readAllBytes(answer), StandardCharsets.UTF_8).split("\n")) {
            if (line.startsWith(PreflightChild.MARK)) {
                return Optional.of(JSON.readValue(line.substring(PreflightChild.MARK.length()), PreflightReport.class));
            }
        }
        return Optional.empty();
    }

    /** Ours may be relative, as after {@code java -jar target/runner.jar}, and the child works in a folder of its own. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<String> command(Path work) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                Installation.current().map(Installation::preflightOptions).orElse(List.of()));
        command.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + work.resolve(CRASH_REPORT),
                "--enable-native-access=ALL-UNNAMED",
                PreflightChild.class.getName()));
        return command;
    }

    /** When the node runs out of memory the kernel should take the trial, not the service. Raising the score needs no privilege. */
    private static void preferVictim(Process child) throws IOException {
        Path score = Path.of("/proc", Long.toString(child.pid()), "oom_score_adj");
        if (Files.isWritable(score)) {
            Files.writeString(score, "1000");
        }
    }

    private static String lastWords(Path errors) {
        try {
            List<String> lines = new String(Files.readAllBytes(errors), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .limit(KEPT_LINES)
                    .toList();
            return lines.isEmpty() ? "" : "; its first words on standard error: " + String.join(" | ", lines);
        } catch (IOException e) {
            return "; its standard error cannot be read: " + e.getMessage();
        }
    }

    private static String name(StoredModel model) {
        return model.contract().name() + " " + model.contract().version() + " ("
                + model.digest().shortHex() + ")";
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.getLogger(Preflight.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove {0}: {1}", folder, e);
        }
    }
}
