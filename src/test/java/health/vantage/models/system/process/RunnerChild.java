package health.vantage.models.system.process;

import static org.awaitility.Awaitility.await;

import health.vantage.models.runner.install.Installation;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.ScriptedBackend;
import health.vantage.models.system.world.RunnerImage;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged and prepared runner as a real process on free loopback ports, with {@link ScriptedBackend} beside it. */
final class RunnerChild implements AutoCloseable {
    private static final Pattern PORTS = Pattern.compile("gRPC on port (\\d+), health and metrics on port (\\d+)");

    /** A machine may be busy with other things. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Process process;
    private final Path log;
    private ManagedChannel channel;

    private RunnerChild(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static RunnerChild start(Path folder, Map<String, String> environment, String... options) throws IOException {
        return launch(List.of(), folder, environment, serving(options));
    }

    /** The same, seeing a disk that is mounted for it alone. */
    static RunnerChild startOn(SmallDisk disk, Path folder, String... options) throws IOException {
        return launch(disk.prefix(), folder, Map.of(), serving(options));
    }

    private static List<String> serving(String... options) {
        List<String> all =
                new ArrayList<>(List.of("serve", "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--threads=1"));
        all.addAll(List.of(options));
        return all;
    }

    /** {@code runner prefetch} with the same cache. */
    static RunnerChild prefetch(Path folder, Path config) throws IOException {
        return launch(List.of(), folder, Map.of(), List.of("prefetch", "--config=" + config));
    }

    private static RunnerChild launch(
            List<String> prefix, Path folder, Map<String, String> environment, List<String> options)
            throws IOException {
        Installation installed = RunnerImage.installation();
        Path log = Files.createTempFile(folder, "runner-", ".log");
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(installed.javaOptions());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                // They live for seconds: what the second compiler costs never pays.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // Killed ones leave the libraries that they unpacked.
                "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")),
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("crash-%p.log"),
                "health.vantage.models.runner.RunnerMain"));
        command.addAll(options);
        command.add("--keep-free-mib=0");
        command.add("--cache-dir=" + folder.resolve("cache"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // Not -jar: its manifest has no place for the backend. What was recorded holds for a path that begins with the
        // jar.
        builder.environment().put("CLASSPATH", installed.jar() + File.pathSeparator + scripted());
        builder.environment().putAll(environment);
        return new RunnerChild(builder.start(), log);
    }

    private static Path scripted() {
        return Path.of(URI.create(ScriptedBackend.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString()));
    }

    Process process() {
        return process;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitLog(String text) {
        await().atMost(PATIENCE).until(() -> log().contains(text) || !process.isAlive());
        if (!log().contains(text)) {
            throw new AssertionError("the runner ended before it said \"" + text + "\": " + log());
        }
    }

    int exit() {
        await().atMost(PATIENCE).until(() -> !process.isAlive());
        return process.exitValue();
    }

    void kill9() {
        process.destroyForcibly().onExit().join();
    }

    void term() {
        process.destroy();
    }

    InferenceGrpc.InferenceBlockingStub stub() {
        return InferenceGrpc.newBlockingStub(channel());
    }

    ManagedChannel channel() {
        if (channel == null) {
            channel = Grpc.newChannelBuilder("localhost:" + port(1), InsecureChannelCredentials.create())
                    .build();
        }
        return channel;
    }

    int httpPort() {
        return port(2);
    }

    private int port(int group) {
        awaitLog("gRPC on port");
        Matcher matcher = PORTS.matcher(log());
        if (!matcher.find()) {
            throw new IllegalStateException("no ports in " + log());
        }
        return Integer.parseInt(matcher.group(group));
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.shutdownNow();
        }
        kill9();
    }
}
