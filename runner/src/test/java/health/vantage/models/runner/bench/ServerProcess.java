package health.vantage.models.runner.bench;

import health.vantage.models.runner.tensor.Shape;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** {@link BenchServer} as a child, with the options that the image gives the runner, and what the kernel says of it. */
final class ServerProcess implements AutoCloseable {
    private static final List<String> OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseG1GC",
            "-Xmx512m",
            "-XX:MaxDirectMemorySize=2g",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error");

    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;
    private final int port;
    private final Path socket;

    private ServerProcess(Process process) throws IOException {
        this.process = process;
        this.commands = process.outputWriter();
        this.answers = process.inputReader();
        String[] where = answer().split(" ");
        this.port = Integer.parseInt(where[0]);
        this.socket = Path.of(where[1]);
    }

    /** @param shared where callers may keep tensors */
    static ServerProcess start(Path work, int threads, Optional<Path> shared) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(OPTIONS);
        // For whoever looks for where the time goes:
        // -Dbench.server.options=-XX:StartFlightRecording=filename=server.jfr
        Arrays.stream(System.getProperty("bench.server.options", "").split(" "))
                .filter(option -> !option.isBlank())
                .forEach(command::add);
        command.addAll(List.of(BenchServer.class.getName(), work.toString(), Integer.toString(threads)));
        shared.map(Path::toString).ifPresent(command::add);
        // The class path is in CLASSPATH already: ONNX Runtime cannot stand a long command line.
        return new ServerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    int port() {
        return port;
    }

    Path socket() {
        return socket;
    }

    void serve(Case one) throws IOException {
        tell("serve " + one.name() + " " + one.onnx() + " "
                + dims(one.inputs().getFirst().shape()) + " "
                + dims(one.output().shape()));
    }

    void remove(Case one) throws IOException {
        tell("remove " + one.name());
    }

    /** Returns when all swaps are done. */
    void swap(String name, int times) throws IOException {
        tell("swap " + name + " " + times);
    }

    /** Bytes of heap that all its threads have allocated since it began. */
    long allocated() throws IOException {
        return Long.parseLong(tell("allocated"));
    }

    /** User and system, in steps of the kernel's clock (10 ms). */
    Duration cpu() {
        return process.toHandle()
                .info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("the kernel does not tell the server's CPU time"));
    }

    /** The most memory it has had in RAM since {@link #forgetPeak}, in MiB. */
    double peakMiB() throws IOException {
        return status("VmHWM") / 1024.0;
    }

    /** See proc(5), clear_refs. */
    void forgetPeak() throws IOException {
        Files.writeString(proc("clear_refs"), "5");
    }

    private long status(String key) throws IOException {
        return Files.readAllLines(proc("status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow(() -> new IOException(proc("status") + " has no " + key));
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    private String tell(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        return answer();
    }

    private String answer() throws IOException {
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith("bench ")) {
                return line.substring("bench ".length());
            }
        }
        throw new IOException("the server has ended; its words are above");
    }

    private static String dims(Shape shape) {
        return Arrays.stream(shape.toArray()).mapToObj(Long::toString).collect(Collectors.joining(","));
    }

    @Override
    public void close() throws IOException {
        commands.close();
        process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
}
