package health.vantage.models.runner.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One life of an engine, with all processes it starts, in a session of its own. A small shell holds the other end of a pipe: a word on
 * it sends TERM to the whole group, its end kills the group. So the end of the runner, also by {@code kill -9}, is the end of the engine;
 * a shutdown hook would not run then, and a parent's death signal goes by threads, of which a JVM has many.
 */
final class EngineProcess {
    /** The group is killed after the engine's own end as well: workers that it left would keep the GPU's memory. */
    private static final String GUARD = """
            exec 3<&0 </dev/null 2>/dev/null
            setsid "$@" 3<&- 2>&1 &
            engine=$!
            end() { kill -s KILL -- "-$engine" || kill -s KILL "$engine"; }
            (
              while read -r word <&3; do
                if [ "$word" = term ]; then kill -s TERM -- "-$engine"; fi
              done
              end
            ) &
            watch=$!
            wait "$engine"
            code=$?
            end
            kill -s KILL "$watch"
            exit "$code"
            """;

    private static final Duration UNKILLABLE = Duration.ofSeconds(10);

    private final Process guard;
    private final EngineOutput output;

    private EngineProcess(Process guard, EngineOutput output) {
        this.guard = guard;
        this.output = output;
    }

    /**
     * @param environment beside the runner's own, without what is meant for the runner alone
     * @param label of its lines in the log
     */
    static EngineProcess start(List<String> command, Map<String, String> environment, String label) throws IOException {
        List<String> guarded = new ArrayList<>(List.of("setsid", "sh", "-c", GUARD, "engine-guard"));
        guarded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(guarded)
                .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(EngineProcess::oursAlone);
        builder.environment().putAll(environment);
        Process guard = builder.start();
        return new EngineProcess(guard, EngineOutput.follow(guard.getInputStream(), label));
    }

    /** An engine has no business with registries and the runner's settings. */
    private static boolean oursAlone(String variable) {
        return variable.startsWith("VANTAGE_") || variable.equals("DOCKER_CONFIG") || variable.equals("CLASSPATH");
    }

    boolean alive() {
        return guard.isAlive();
    }

    /** Waits for its end; {@code false} when the time is over first. */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return guard.waitFor(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS);
    }

    /** How it ended, with the last it said. */
    String obituary() {
        return "it " + EngineExit.describe(guard.exitValue()) + output.lastWords();
    }

    /** Asks it to end, and kills what has not after {@code grace}. Returns when nothing of it is left. */
    void stop(Duration grace) {
        try {
            tell();
            guard.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    private void tell() {
        try {
            OutputStream pipe = guard.getOutputStream();
            pipe.write("term\n".getBytes(StandardCharsets.US_ASCII));
            pipe.flush();
        } catch (IOException e) {
            // The guard has ended, and with it the engine.
            System.getLogger(EngineProcess.class.getName()).log(System.Logger.Level.DEBUG, "no guard to tell", e);
        }
    }

    void kill() {
        try {
            guard.getOutputStream().close();
        } catch (IOException e) {
            System.getLogger(EngineProcess.class.getName()).log(System.Logger.Level.DEBUG, "no guard to leave", e);
        }
        boolean interrupted = Thread.interrupted();
        try {
            if (!guard.waitFor(UNKILLABLE.toMillis(), TimeUnit.MILLISECONDS)) {
                System.getLogger(EngineProcess.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "an engine under process {0} does not die: a driver holds it",
                                Long.toString(guard.pid()));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Process ids of the engine and all it has started; empty once it has ended. */
    List<Long> pids() {
        try (Stream<ProcessHandle> all = guard.descendants()) {
            return all.map(ProcessHandle::pid).toList();
        }
    }

    /**
     * What all its processes hold that the kernel could not take back, in MiB. Mapped files are left out: weights that are mapped are the disk's
     * cache.
     */
    long memoryMiB() {
        return pids().stream().mapToLong(EngineProcess::unreclaimableKiB).sum() / 1024;
    }

    private static long unreclaimableKiB(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("RssAnon:") || line.startsWith("RssShmem:"))
                    .map(line -> line.replaceAll("[^0-9]", ""))
                    .filter(digits -> !digits.isEmpty())
                    .mapToLong(Long::parseLong)
                    .sum();
        } catch (IOException e) {
            // It has just ended, or this is no Linux.
            return 0;
        }
    }

    /** When the node runs out of memory the kernel should take an engine, which is started again, not the runner. Needs no privilege. */
    void preferVictim() {
        for (long pid : pids()) {
            Path score = Path.of("/proc", Long.toString(pid), "oom_score_adj");
            try {
                if (Files.isWritable(score)) {
                    Files.writeString(score, "500");
                }
            } catch (IOException e) {
                System.getLogger(EngineProcess.class.getName())
                        .log(System.Logger.Level.DEBUG, "{0} has ended already", Long.toString(pid));
            }
        }
    }
}
