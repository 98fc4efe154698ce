package health.vantage.models.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One question.
 *
 * @param outputs which to return; empty for all
 * @param version answers from another version are refused; empty takes the one that serves
 * @param id comes back with the answer; empty for none
 * @param deadline instead of the client's
 */
public record InferenceRequest(
        List<Tensor> inputs, List<String> outputs, String version, String id, Optional<Duration> deadline) {
    public InferenceRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public static InferenceRequest of(Tensor... inputs) {
        return new InferenceRequest(List.of(inputs), List.of(), "", "", Optional.empty());
    }

    public InferenceRequest outputs(String... names) {
        return new InferenceRequest(inputs, List.of(names), version, id, deadline);
    }

    public InferenceRequest onlyVersion(String wanted) {
        return new InferenceRequest(inputs, outputs, wanted, id, deadline);
    }

    public InferenceRequest id(String value) {
        return new InferenceRequest(inputs, outputs, version, value, deadline);
    }

    public InferenceRequest within(Duration atMost) {
        return new InferenceRequest(inputs, outputs, version, id, Optional.of(atMost));
    }
}
