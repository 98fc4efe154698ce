package health.vantage.models.runner.serve;

import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.form.OutputForm;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import java.util.List;
import java.util.Optional;

/**
 * A request as a caller made it, before anything is checked.
 *
 * @param model the name it asks for
 * @param inputs in any order
 * @param outputs in the order of the answer; empty as {@code choice} says
 * @param cancellation cancelled when the caller goes away or its deadline passes
 */
public record InferenceCall(
        String model, List<Given> inputs, List<Wanted> outputs, OutputChoice choice, Cancellation cancellation) {

    void closePlaces() {
        outputs.forEach(wanted -> wanted.place().ifPresent(OutputPlace::close));
    }

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

    /**
     * @param form what is wanted of it
     * @param place where its bytes go instead of into the answer; closed by {@code submit} once the request has ended
     */
    public record Wanted(String name, OutputForm form, Optional<OutputPlace> place) {
        /** The name of whichever output is the model's first, where {@link OutputChoice#FIRST} is the choice. */
        public static final String FIRST = "";

        public Wanted(String name) {
            this(name, OutputForm.WHOLE, Optional.empty());
        }

        boolean isWhole() {
            return form == OutputForm.WHOLE;
        }

        /** Whether the model itself may write to the place. */
        boolean isDirect() {
            return isWhole() && place.isPresent() && place.get().isDirect();
        }
    }
}
