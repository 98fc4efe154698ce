package health.vantage.models.runner.backend;

import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * A model ready to run. {@link #run} may be called by several threads at once; {@link #close} must not be called while one runs
 * (ONNX Runtime then takes the whole process down), which {@code ServedVersion} ensures by counting references.
 */
public interface LoadedModel extends AutoCloseable {
    List<TensorSpec> inputs();

    List<TensorSpec> outputs();

    /** Where it runs, such as {@code cpu} or {@code cuda:0}. */
    String device();

    /**
     * Why its runtime cannot be given these inputs although they fit the model, as a sentence that names the input. Asked before
     * {@link #run}: what is wrong with a request must not count as a failure of the model.
     */
    default Optional<String> objection(List<Tensor> inputs) {
        return Optional.empty();
    }

    /**
     * Computes the named outputs.
     *
     * @param inputs every input exactly once, of the declared type and a concrete shape that agrees with the declared one
     * @param outputs names from {@link #outputs()}
     * @param memory where the outputs' memory comes from; it may refuse, by throwing, a size that a caller did not provide for
     * @return tensors in the order of {@code outputs}; the caller closes them
     * @throws BackendException when the model fails, or the run was cancelled
     */
    List<Tensor> run(List<Tensor> inputs, List<String> outputs, OutputMemory memory, Cancellation cancellation)
            throws BackendException;

    @Override
    void close();
}
