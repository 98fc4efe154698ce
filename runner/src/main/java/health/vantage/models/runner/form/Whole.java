package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.Optional;

/** As the model gives it: nothing is done at all. */
record Whole() implements OutputForm {
    @Override
    public Optional<String> objection(TensorSpec output) {
        return Optional.empty();
    }

    @Override
    public Tensor of(Tensor output, TensorPool pool) {
        throw new UnsupportedOperationException("what is wanted whole is not converted");
    }
}
