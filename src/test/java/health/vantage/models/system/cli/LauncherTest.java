package health.vantage.models.system.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import health.vantage.models.system.world.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl-model} as a person has it: a link on the PATH to the launcher, beside the packaged jars. */
final class LauncherTest {
    private static final Duration REHEARSAL = Duration.ofMinutes(3);

    @TempDir
    Path work;

    private Path launcher;
    private Path archives;

    /** What a run printed, both streams together, and how it ended. */
    private record Ended(int code, String said) {}

    @BeforeEach
    void install() throws IOException {
        Path bin = Files.createDirectories(work.resolve("installed/bin"));
        launcher = Files.copy(Project.root().resolve("cli/bin/kubectl-model"), bin.resolve("kubectl-model"));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Path jar = Project.built("cli/target/kubectl-model.jar");
        Path jars = Files.createDirectories(work.resolve("installed/lib/kubectl-model"));
        Files.copy(jar, jars.resolve("kubectl-model.jar"));
        Files.createSymbolicLink(jars.resolve("lib"), jar.resolveSibling("lib"));
        archives = work.resolve("cache/vantage/kubectl-model");
    }

    @Test
    void aLinkOnThePathFindsTheJarsBesideTheLauncher() throws Exception {
        Path links = Files.createDirectories(work.resolve("links"));
        Files.createSymbolicLink(links.resolve("kubectl-model"), launcher);

        Ended help = run(Map.of("PATH", links + ":/usr/bin:/bin"), "kubectl-model", "--help");

        assertThat(help.code()).as(help.said()).isZero();
        assertThat(help.said()).contains("pull", "verify");
        assertThat(archives).doesNotExist();
    }

    @Test
    void aJavaThatIsTooOldIsPassedOver() throws Exception {
        Path old = Files.createDirectories(work.resolve("jdk-17/bin")).getParent();
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.9\"\n");
        Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\necho wrong java\nexit 3\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();

        Ended help = run(Map.of("JAVA_HOME", old.toString()), launcher.toString(), "--help");

        // A JDK 25 in its usual place, or the one here on the PATH.
        assertThat(help.code()).as(help.said()).isZero();
    }

    @Test
    void withoutItsJarItSaysHowToGetOne() throws Exception {
        Files.delete(work.resolve("installed/lib/kubectl-model/kubectl-model.jar"));

        Ended ended = run(Map.of(), launcher.toString(), "--help");

        assertThat(ended.code()).isOne();
        assertThat(ended.said())
                .contains("kubectl-model.jar was not found beside")
                .contains("KUBECTL_MODEL_JAR");
    }

    @Test
    void aCommandsExitCodeIsTheLaunchers() throws Exception {
        Ended ended = run(Map.of(), launcher.toString(), "inspect");

        assertThat(ended.code()).as(ended.said()).isEqualTo(2);
    }

    @Test
    void whereNothingCanBeRecordedItRunsAllTheSame() throws Exception {
        Path file = Files.writeString(work.resolve("a-file"), "");
        Map<String, String> nowhere = Map.of("XDG_CACHE_HOME", file.toString(), "KUBECTL_MODEL_REHEARSE", "");

        Ended quietly = run(nowhere, launcher.toString(), "--version");
        assertThat(quietly.code()).as(quietly.said()).isZero();
        assertThat(quietly.said().lines()).hasSize(1);

        Map<String, String> waiting = Map.of("XDG_CACHE_HOME", file.toString(), "KUBECTL_MODEL_REHEARSE", "wait");
        Ended told = run(waiting, launcher.toString(), "--version");
        assertThat(told.code()).as(told.said()).isZero();
        assertThat(told.said()).contains("nothing was recorded in");
    }

    /** One life of a recording: made, used, damaged, and replaced when the jars change. */
    @Test
    void whatARehearsalRecordedIsUsedAsLongAsItFits() throws Exception {
        Ended waited = run(Map.of("KUBECTL_MODEL_REHEARSE", "wait"), launcher.toString(), "--version");
        assertThat(waited.code()).as(waited.said()).isZero();
        assertThat(waited.said().lines()).as("progress of the rehearsal").hasSize(1);
        Path archive = archive();
        assertThat(loadedFrom(Map.of("KUBECTL_MODEL_REHEARSE", ""))).contains("source: shared objects file");
        assertThat(loadedFrom(Map.of("KUBECTL_MODEL_REHEARSE", "off")))
                .doesNotContain("vantage.models.cli.Main source: shared");

        Files.writeString(archive, "half of it, after a power cut");
        Ended damaged = run(Map.of("KUBECTL_MODEL_REHEARSE", ""), launcher.toString(), "--version");
        assertThat(damaged.code()).as(damaged.said()).isZero();
        assertThat(damaged.said()).isEqualTo(waited.said());

        // Another version of the jars: it is recorded anew, in the background.
        Files.setLastModifiedTime(
                work.resolve("installed/lib/kubectl-model/kubectl-model.jar"), FileTime.fromMillis(1_700_000_000_000L));
        Ended updated = run(Map.of("KUBECTL_MODEL_REHEARSE", ""), launcher.toString(), "--version");
        assertThat(updated.said()).isEqualTo(waited.said());
        await().atMost(REHEARSAL).untilAsserted(() -> assertThat(archive()).isNotEqualTo(archive));
        await().atMost(REHEARSAL)
                .untilAsserted(() -> assertThat(archives.toFile().list()).noneMatch(name -> name.endsWith(".lock")));
    }

    private Path archive() throws IOException {
        try (Stream<Path> files = Files.list(archives)) {
            List<Path> found =
                    files.filter(one -> one.toString().endsWith(".aot")).toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    /** The JVM's own words on where it took the program's main class from. */
    private String loadedFrom(Map<String, String> environment) throws Exception {
        Path loads = Files.createTempFile(work, "loads", ".log");
        Map<String, String> all = new TreeMap<>(environment);
        all.put("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + loads);
        Ended ended = run(all, launcher.toString(), "--version");
        assertThat(ended.code()).as(ended.said()).isZero();
        return Files.readAllLines(loads).stream()
                .filter(line -> line.contains("health.vantage.models.cli.Main "))
                .findFirst()
                .orElseThrow();
    }

    private Ended run(Map<String, String> environment, String... command) throws Exception {
        Path log = Files.createTempFile(work, "run", ".log");
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/env");
        builder.command().addAll(List.of(command));
        builder.directory(work.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().remove("KUBECTL_MODEL_JAR");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("XDG_CACHE_HOME", work.resolve("cache").toString());
        builder.environment().put("KUBECTL_MODEL_REHEARSE", "off");
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            assertThat(process.waitFor(REHEARSAL.toSeconds(), TimeUnit.SECONDS))
                    .as(String.join(" ", command))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(log));
    }
}
