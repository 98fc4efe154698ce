package health.vantage.models.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How large the outputs of a model were for inputs of these shapes. An output's place in shared memory is given with the request, before
 * its size is known: the first answer comes through the connection and tells.
 */
final class KnownOutputs {
    private static final int MOST = 256;

    private final Map<Key, Sizes> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Sizes> eldest) {
            return size() > MOST;
        }
    };

    /** @param inputs name, type and shape of each */
    record Key(String model, String version, List<String> inputs, List<String> outputs) {
        static Key of(String model, InferenceRequest request) {
            return new Key(
                    model,
                    request.version(),
                    request.inputs().stream().map(Tensor::toString).toList(),
                    request.outputs());
        }
    }

    /** @param version of the model that answered; @param outputs in their order */
    record Sizes(String version, List<Output> outputs) {
        long bytes() {
            return outputs.stream()
                    .filter(Output::fixed)
                    .mapToLong(output -> Placing.aligned(output.bytes()))
                    .sum();
        }
    }

    /** @param fixed whether it has a place: there are bytes, and their number follows from the shape, which that of BYTES does not */
    record Output(String name, int bytes, boolean fixed) {}

    synchronized Optional<Sizes> find(Key key) {
        return Optional.ofNullable(known.get(key));
    }

    synchronized void remember(Key key, Inference answer) {
        List<Output> outputs = new ArrayList<>();
        for (Tensor output : answer.outputs()) {
            outputs.add(new Output(output.name(), output.bytes().remaining(), output.type() != TensorType.BYTES));
        }
        known.put(key, new Sizes(answer.version(), outputs));
    }

    synchronized void forget(Key key) {
        known.remove(key);
    }
}
