package health.vantage.models.runner.serve;

import health.vantage.models.runner.tensor.Tensor;
import java.time.Duration;
import java.util.List;

/**
 * A model's outputs. Whoever receives it closes it once the bytes have left; until then they count against the node's budget.
 *
 * @param inModel the time the model ran, without queueing
 */
public record Answer(String model, String version, List<Tensor> outputs, Duration inModel, ByteBudget.Share share)
        implements AutoCloseable {
    @Override
    public void close() {
        outputs.forEach(Tensor::close);
        share.close();
    }
}
