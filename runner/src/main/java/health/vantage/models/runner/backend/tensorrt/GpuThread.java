package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.NativeFailure;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The one thread of a GPU instance: the current device belongs to a thread, and an execution context takes one at a time. */
final class GpuThread {
    private final ExecutorService executor;

    GpuThread(String name) {
        // A platform thread: native code holds it for its whole time.
        this.executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /** Runs there, and waits. */
    <T> T call(Callable<T> work) throws BackendException {
        Future<T> future = executor.submit(work);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    // The work uses memory that the caller gives back on return: it must end first.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Unchecked ones pass as they are. */
    private static BackendException failure(Throwable cause) {
        return switch (cause) {
            case BackendException failure -> failure;
            case RuntimeException failure -> throw failure;
            case Throwable other ->
                new BackendException(
                        "TensorRT failed: " + (other instanceof NativeFailure ? other.getMessage() : other), other);
        };
    }

    /** Runs {@code last} there and ends the thread. */
    void end(Runnable last) {
        try {
            call(() -> {
                last.run();
                return null;
            });
        } catch (BackendException e) {
            System.getLogger(GpuThread.class.getName())
                    .log(System.Logger.Level.WARNING, "a GPU's memory could not be given back: {0}", e.getMessage());
        } finally {
            executor.shutdown();
        }
    }
}
