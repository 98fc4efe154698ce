package health.vantage.models.runner.bench;

import com.sun.management.ThreadMXBean;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.ServingOptions.SharedMemory;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.serve.Batching;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The runner in a process of its own, told on standard input what to serve: {@code serve name file in out}, {@code remove name},
 * {@code swap name times}, {@code allocated}. Answers each with one line that begins with {@code bench}; ends with its input.
 */
final class BenchServer {
    private static final long BYTES_IN_FLIGHT = 2L << 30;
    /** Beside the runner's socket. */
    static final String ECHO = "-echo";

    private static final int MOST_JOINED = 8;
    private static final int SWAPPED_ELEMENTS = 16;

    private final RunnerUnderTest runner;

    private BenchServer(RunnerUnderTest runner) {
        this.runner = runner;
    }

    public static void main(String[] arguments) throws Exception {
        QueueLimits joined = new QueueLimits(64, 1, Optional.of(new Batching(MOST_JOINED, List.of(), Duration.ZERO)));
        LaneLimits oneAtATime = new LaneLimits(new QueueLimits(64, 1), Map.of(Case.BATCHED, joined));
        int threads = Integer.parseInt(arguments[1]);
        Optional<SharedMemory> shared =
                arguments.length > 2 ? Optional.of(new SharedMemory(Path.of(arguments[2]), false)) : Optional.empty();
        try (RunnerUnderTest runner =
                        new RunnerUnderTest(Path.of(arguments[0]), oneAtATime, BYTES_IN_FLIGHT, threads, shared);
                Echo _ = Echo.on(Path.of(runner.socket() + ECHO));
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            BenchServer server = new BenchServer(runner);
            say(runner.serving().grpcPort() + " " + runner.socket());
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                say(server.obey(line.split(" ")));
            }
        }
    }

    private static void say(String words) {
        System.out.println("bench " + words);
        System.out.flush();
    }

    private String obey(String[] words) throws Exception {
        switch (words[0]) {
            case "serve" ->
                runner.serve(
                        words[1],
                        "1.0.0",
                        Files.readAllBytes(Path.of(words[2])),
                        Shape.parse(words[3]),
                        Shape.parse(words[4]));
            case "remove" -> runner.serving().remove(words[1], "measured");
            case "swap" -> swap(words[1], Integer.parseInt(words[2]));
            case "allocated" -> {
                ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                return Long.toString(threads.getTotalThreadAllocatedBytes());
            }
            default -> throw new IllegalArgumentException("no command " + words[0]);
        }
        return "done";
    }

    /** Loads a version beside the one that serves, and swaps, again and again. */
    private void swap(String name, int times) throws Exception {
        Shape shape = Shape.of(SWAPPED_ELEMENTS);
        byte[][] versions = {OnnxModels.scale(1, SWAPPED_ELEMENTS), OnnxModels.scale(2, SWAPPED_ELEMENTS)};
        ModelSlot slot = runner.serve(name, "0", versions[0], shape, shape);
        for (int i = 1; i <= times; i++) {
            slot.activate(runner.load(Integer.toString(i), versions[i % 2], shape, shape));
        }
    }
}
