package health.vantage.models.client;

import java.util.List;
import java.util.Optional;

/**
 * One answer. Where its outputs lie in memory shared with the runner, {@link #close} lets the next request have that memory; without it
 * that happens when the garbage collector finds that nobody refers to them any more.
 */
public final class Inference implements AutoCloseable {
    private final String model;
    private final String version;
    private final String id;
    private final List<Tensor> outputs;
    private final Optional<Lease> lease;

    Inference(String model, String version, String id, List<Tensor> outputs, Optional<Lease> lease) {
        this.model = model;
        this.version = version;
        this.id = id;
        this.outputs = List.copyOf(outputs);
        this.lease = lease;
    }

    public String model() {
        return model;
    }

    /** Of the model that computed it. */
    public String version() {
        return version;
    }

    /** The request's. */
    public String id() {
        return id;
    }

    /** In the order they were asked for, else the model's. */
    public List<Tensor> outputs() {
        return outputs;
    }

    /** The only output. @throws IllegalStateException when there are others */
    public Tensor output() {
        if (outputs.size() != 1) {
            throw new IllegalStateException("model " + model + " gave " + outputs + "; name one");
        }
        return outputs.getFirst();
    }

    /** @throws IllegalArgumentException when there is none of this name */
    public Tensor output(String name) {
        return outputs.stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "model " + model + " gave no output \"" + name + "\" but " + outputs));
    }

    /** Whether an output lies in memory shared with the runner. */
    boolean shared() {
        return lease.isPresent();
    }

    /** Buffers and views that were taken of outputs in shared memory must not be read afterwards: the next answer may be written there. */
    @Override
    public void close() {
        lease.ifPresent(Lease::giveBack);
    }
}
