package health.vantage.models.runner.preflight;

import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.load.ProcessMemory;
import health.vantage.models.runner.load.VersionLoader;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ends a child that takes too long or too much memory. The memory is read instead of limited: a limit on address space stops a Java
 * process at its first thread, and control groups need privileges that the runner does not have.
 */
record ChildWatch(Process child, Duration timeout, long memoryMiB) {
    private static final Duration LOOK = Duration.ofMillis(50);

    /** @throws LoadFailure when it had to be ended; it is dead then */
    void await(BooleanSupplier superseded, String name) throws LoadFailure {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            while (!child.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                if (superseded.getAsBoolean()) {
                    throw ended("Superseded", name + ": another instruction came before its preflight ended");
                }
                if (System.nanoTime() > end) {
                    throw ended(
                            VersionLoader.PREFLIGHT_FAILED,
                            name + " did not load and answer within " + timeout.toSeconds() + " s");
                }
                // None when it has just ended, or this is no Linux: the timeout still holds.
                long used = ProcessMemory.of(child.pid())
                        .map(ProcessMemory::residentMiB)
                        .orElse(0L);
                if (used > memoryMiB) {
                    throw ended(
                            VersionLoader.PREFLIGHT_FAILED,
                            name + " took " + used + " MiB of memory, more than the " + memoryMiB
                                    + " MiB that it declares with what a process needs; correct model.vramGB in its metadata");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ended("Superseded", name + ": the runner is stopping");
        }
    }

    private LoadFailure ended(String reason, String message) {
        child.destroyForcibly().onExit().join();
        return new LoadFailure(reason, message);
    }
}
