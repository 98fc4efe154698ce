package health.vantage.models.system.cli;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.system.world.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged runner with its launcher, as an image and a workstation have it. */
final class PreparedRunnerTest {
    /** For a process that lives for a second. */
    private static final String BRIEF = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1";

    @TempDir
    Path work;

    @Test
    void aPreparedRunnerStartsFromItsRecordedClassesAndUnpackedLibraries() throws Exception {
        Path app = copy();

        assertThat(run(app, BRIEF, "prepare")).contains("runner.aot", "preflight.aot");

        assertThat(loads(app)).hasSize(3).allMatch(line -> line.contains("source: shared objects file"));
        assertThat(app.resolve("natives/" + System.getProperty("os.arch") + "/libonnxruntime.so"))
                .isNotEmptyFile();

        // As another release copied over it: the JVM alone would go on with the classes of this one.
        Files.setLastModifiedTime(app.resolve("runner.jar"), FileTime.fromMillis(1_700_000_000_000L));
        assertThat(loads(app)).hasSize(3).allMatch(line -> line.contains("runner.jar"));
    }

    /** The JVMs' own words on where a run that served and answered took a class of the service from, and that of the trial, which both processes load. */
    private List<String> loads(Path app) throws IOException, InterruptedException {
        Path logs = Files.createTempDirectory(work, "loads");
        // The launcher's options reach the service alone, these its child as well.
        Map<String, String> environment =
                Map.of("VANTAGE_JAVA_OPTS", BRIEF, "JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + logs + "/%p.log");
        assertThat(run(environment, launcher(app, "selfcheck"))).contains("served and answered");
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                Files.readAllLines(file).stream()
                        .filter(line -> line.contains("runner.serve.Inferences ")
                                || line.contains("runner.preflight.PreflightChild "))
                        .forEach(found::add);
            }
        }
        return found;
    }

    @Test
    void aRecordThatDoesNotFitIsNotUsedAndTheRunnerServesAnyway() throws Exception {
        Path app = copy();
        Files.writeString(app.resolve("runner.aot"), "the cache of another JVM");
        Files.writeString(app.resolve("preflight.aot"), "the cache of another JVM");

        assertThat(run(app, BRIEF, "selfcheck")).contains("served and answered");
    }

    @Test
    void aJarStartedByARelativePathStillTriesModelsInAChild() throws Exception {
        copy();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

        assertThat(run(Map.of(), List.of(java, "-XX:TieredStopAtLevel=1", "-jar", "app/runner.jar", "selfcheck")))
                .contains("served and answered");
    }

    private String run(Path app, String javaOptions, String command) throws IOException, InterruptedException {
        return run(Map.of("VANTAGE_JAVA_OPTS", javaOptions), launcher(app, command));
    }

    private static List<String> launcher(Path app, String command) {
        return List.of("/bin/sh", app.resolve("runner").toString(), command);
    }

    /** What it printed; fails unless it ended with 0. */
    private String run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(work, "run", ".log");
        ProcessBuilder launcher = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        launcher.environment().put("JAVA_HOME", System.getProperty("java.home"));
        launcher.environment().putAll(environment);
        Process process = launcher.start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES))
                    .as(command.toString())
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(log);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private Path copy() throws IOException {
        Path from = Project.built("runner/target/runner-app/runner.jar").getParent();
        Path to = work.resolve("app");
        for (String folder : List.of("", "lib")) {
            Files.createDirectories(to.resolve(folder));
            try (Stream<Path> files = Files.list(from.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(one -> !one.getFileName().toString().matches(".*[.]aot|prepared-for"))
                        .toList()) {
                    Files.copy(
                            file, to.resolve(folder).resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return to;
    }
}
