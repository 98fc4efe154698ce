package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.util.Optional;

/** What a caller wants of an output. */
public sealed interface OutputForm permits Whole, ArgMax, Best, Half {
    /** As the model gives it. */
    OutputForm WHOLE = new Whole();

    /** Why an output cannot be had in this form, as a sentence without its name; empty when it can. Asked before the model runs. */
    Optional<String> objection(TensorSpec output);

    /**
     * The output in this form, in memory of the pool, under the same name.
     *
     * @param output stays the caller's
     */
    Tensor of(Tensor output, TensorPool pool);
}
