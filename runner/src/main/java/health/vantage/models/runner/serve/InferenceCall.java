package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import java.util.List;
import java.util.Optional;

/**
 * A request as a caller made it, before anything is checked.
 *
 * @param model the name it asks for
 * @param inputs in any order
 * @param outputs names; empty for all
 * @param cancellation cancelled when the caller goes away or its deadline passes
 */
public record InferenceCall(
        String model, List<Given> inputs, List<String> outputs, OutputChoice choice, Cancellation cancellation) {

    /** What an empty {@link #outputs} means: the protocols differ. */
    public enum OutputChoice {
        FIRST,
        ALL
    }

    /**
     * @param name empty for the only input of a model
     * @param shape empty for the metadata's
     * @param data taken before {@code submit} returns, or not at all
     */
    public record Given(Optional<String> name, Optional<DataType> type, Optional<Shape> shape, Payload data) {}
}
