package health.vantage.models.runner.backend;

import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorSpec;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A model that a process of its own serves over HTTP. It takes no tensors: requests are passed on as they are. */
public interface ExternalModel extends LoadedModel {
    /** Where its process answers now; another port after a restart. */
    URI address();

    /** Where its process tells its metrics; empty where it tells none. */
    Optional<URI> metrics();

    Limits limits();

    /** Why it does not answer at the moment, as a sentence; empty when it does. */
    Optional<String> trouble();

    /** How the process is doing, for metrics. */
    Reading reading();

    /** Tells of what happens without a request, from now on; replaces nobody. */
    void watch(Watcher watcher);

    /**
     * @param requests at the same time
     * @param requestBytes the largest body
     * @param silence how long a request may go on without a byte from the engine
     */
    record Limits(int requests, long requestBytes, Duration silence) {}

    /**
     * @param restarts since it was loaded
     * @param memoryMiB of the whole process tree, what the kernel could not take back
     */
    record Reading(String engine, long restarts, long memoryMiB) {}

    /** Called on the thread that watches the process. */
    interface Watcher {
        /** It died, hung or took too much memory: as bad as a failed request. */
        void failed(String why);

        /** {@link #trouble()} has changed. */
        void changed();
    }

    @Override
    default List<TensorSpec> inputs() {
        return List.of();
    }

    @Override
    default List<TensorSpec> outputs() {
        return List.of();
    }

    @Override
    default List<Tensor> run(List<Tensor> inputs, List<String> outputs, OutputMemory memory, Cancellation cancellation)
            throws BackendException {
        throw new BackendException("it takes no tensors: it is served over HTTP by " + device());
    }
}
