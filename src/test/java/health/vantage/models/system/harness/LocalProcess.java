package health.vantage.models.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program that runs on this machine in a process group of its own, so that it and every process that it started end
 * together, as the processes of a container do.
 */
public final class LocalProcess {
    private static final int TAIL_BYTES = 8_192;

    private final String name;
    private final Process process;
    private final Path log;

    private LocalProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a program with exactly the environment given; output is appended to the log.
     *
     * @throws UncheckedIOException when it cannot be started
     */
    public static LocalProcess start(
            String name, List<String> command, Map<String, String> environment, Path folder, Path log) {
        var words = new ArrayList<>(List.of("setsid"));
        words.addAll(command);
        var builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            Lifeline.hold(process.pid());
            return new LocalProcess(name, process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The program " + command.getFirst() + " (" + name + ") cannot be started", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public Path log() {
        return log;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Completes with the exit status; 128 + signal number when a signal ended it. */
    public CompletableFuture<Integer> exit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Asks it to end, waits as long as the grace, then ends it and all that it started. */
    public void stop(Duration grace) {
        process.destroy();
        try {
            process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    /** Ends it and all that it started, at once, without a chance to clean up: a power cut. */
    public void kill() {
        signal("KILL");
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Lifeline.release(process.pid());
    }

    /** Sends a signal, such as {@code STOP}, to it and all that it started. */
    public void signal(String signal) {
        try {
            int status = new ProcessBuilder("kill", "-" + signal, "--", "-" + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (status != 0 && process.isAlive()) {
                throw new IllegalStateException(
                        "Signal " + signal + " could not be sent to " + name + " (pid " + pid() + ")");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Signal " + signal + " could not be sent to " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where it stands and the end of what it said, for error messages. */
    public String account() {
        String state = process.isAlive()
                ? "is running (pid " + pid() + ")"
                : "has ended with exit status " + process.exitValue();
        return name + " " + state + "; its log is " + log + " and ends with:\n" + tail(log);
    }

    /** The last few kilobytes of a log. */
    static String tail(Path log) {
        try (var file = Files.newByteChannel(log)) {
            file.position(Math.max(0, file.size() - TAIL_BYTES));
            var bytes = ByteBuffer.allocate(TAIL_BYTES);
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {
                // until the end of the file or of the buffer
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(the log cannot be read: " + e.getMessage() + ")";
        }
    }
}
