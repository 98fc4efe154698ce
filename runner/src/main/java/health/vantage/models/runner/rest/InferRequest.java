package health.vantage.models.runner.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.openinference.FormParameter;
import health.vantage.models.runner.openinference.Parameters;
import health.vantage.models.runner.openinference.RegionParameter;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.InferenceCall.Given;
import health.vantage.models.runner.serve.InferenceCall.OutputChoice;
import health.vantage.models.runner.serve.InferenceCall.Wanted;
import health.vantage.models.runner.serve.OutputPlace;
import health.vantage.models.runner.serve.Payload;
import health.vantage.models.runner.serve.PooledPayload;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The body of an inference request: JSON, and behind it the bytes of those inputs that have the parameter {@code binary_data_size}, in their
 * order. They are read straight into the pool's memory.
 */
final class InferRequest {
    /** Of numbers written out; larger tensors travel as binary data. */
    static final int MAX_JSON_BYTES = 16 * 1024 * 1024;

    private static final int MAX_TENSORS = 1024;
    private static final int CHUNK = 64 * 1024;
    private static final String BINARY_SIZE = "binary_data_size";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode root;

    private InferRequest(JsonNode root) {
        this.root = root;
    }

    /**
     * @param jsonBytes of the JSON at the beginning of {@code body}; empty for all of it
     * @throws HttpFailure when it is too large or no JSON
     */
    static InferRequest read(InputStream body, Optional<Integer> jsonBytes) throws IOException {
        byte[] json = body.readNBytes(jsonBytes.orElse(MAX_JSON_BYTES + 1));
        if (json.length > MAX_JSON_BYTES) {
            throw new HttpFailure(
                    HttpStatus.TOO_LARGE,
                    "more than " + MAX_JSON_BYTES + " bytes of JSON; send tensors as binary data");
        }
        try {
            JsonNode root = JSON.readTree(json);
            if (root == null || !root.isObject()) {
                throw new HttpFailure(HttpStatus.BAD_REQUEST, "the body is no JSON object");
            }
            return new InferRequest(root);
        } catch (JsonProcessingException e) {
            throw new HttpFailure(HttpStatus.BAD_REQUEST, "the body is no JSON: " + e.getOriginalMessage());
        }
    }

    String id() {
        return root.path("id").asText("");
    }

    /** The parameters of an output that is asked for by name; empty where all are. */
    Map<String, Parameters> outputs() {
        Map<String, Parameters> outputs = new HashMap<>();
        list("outputs").forEach(output -> outputs.put(name(output), parameters("output " + name(output), output)));
        return outputs;
    }

    /** Whether outputs travel as bytes where they do not say otherwise themselves. */
    boolean binaryByDefault() {
        return parameters("request", root).flag("binary_data_output").orElse(false);
    }

    /**
     * The caller closes the inputs' payloads.
     *
     * @param rest of the body, behind the JSON
     * @throws Refusal of kind INVALID
     */
    InferenceCall call(String model, InputStream rest, TensorPool pool, SharedRegions regions, int maxBytes)
            throws IOException {
        List<Given> inputs = new ArrayList<>();
        List<Wanted> outputs = new ArrayList<>();
        boolean whole = false;
        try {
            long left = maxBytes;
            for (JsonNode input : list("inputs")) {
                Given given = given(input, rest, pool, regions, left);
                left -= given.data().takesOurMemory() ? given.data().size() : 0;
                inputs.add(given);
            }
            if (rest.read() >= 0) {
                throw new Refusal(
                        Refusal.Kind.INVALID, "the body goes on behind the bytes that " + BINARY_SIZE + " tells of");
            }
            for (JsonNode output : list("outputs")) {
                Parameters parameters = parameters("output " + name(output), output);
                outputs.add(new Wanted(
                        name(output),
                        FormParameter.of(parameters),
                        RegionParameter.of(parameters).map(place -> place.slice(regions))));
            }
            InferenceCall call = new InferenceCall(model, inputs, outputs, OutputChoice.ALL, new Cancellation());
            whole = true;
            return call;
        } finally {
            if (!whole) {
                inputs.forEach(input -> input.data().close());
                outputs.forEach(output -> output.place().ifPresent(OutputPlace::close));
            }
        }
    }

    private static Given given(JsonNode input, InputStream rest, TensorPool pool, SharedRegions regions, long left)
            throws IOException {
        Parameters parameters = parameters("input " + name(input), input);
        try {
            DataType type = DataType.parse(input.path("datatype").asText());
            Shape shape = shape(input.path("shape"));
            return new Given(
                    Optional.of(name(input)),
                    Optional.of(type),
                    Optional.of(shape),
                    payload(input, type, parameters, rest, pool, regions, left));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw parameters.invalid(e.getMessage());
        }
    }

    private static Payload payload(
            JsonNode input,
            DataType type,
            Parameters parameters,
            InputStream rest,
            TensorPool pool,
            SharedRegions regions,
            long left)
            throws IOException {
        Optional<RegionParameter> place = RegionParameter.of(parameters);
        Optional<Long> binary = parameters.number(BINARY_SIZE);
        int ways = (place.isPresent() ? 1 : 0) + (binary.isPresent() ? 1 : 0) + (input.has("data") ? 1 : 0);
        if (ways != 1) {
            throw parameters.invalid("needs one of data, " + BINARY_SIZE + " and " + RegionParameter.REGION);
        }
        if (place.isPresent()) {
            return place.get().slice(regions);
        }
        if (binary.isEmpty()) {
            return Payload.copyOf(JsonTensors.read(type, input.get("data")));
        }
        if (binary.get() < 0 || binary.get() > left) {
            throw parameters.invalid(BINARY_SIZE + " is " + binary.get() + "; a request has at most " + left + " more");
        }
        TensorBuffer buffer = pool.lend(binary.get());
        boolean read = false;
        try {
            fill(buffer, rest);
            read = true;
            return new PooledPayload(buffer);
        } catch (EOFException e) {
            throw parameters.invalid("the body ends before its " + binary.get() + " bytes");
        } finally {
            if (!read) {
                buffer.close();
            }
        }
    }

    private static void fill(TensorBuffer buffer, InputStream rest) throws IOException {
        byte[] chunk = new byte[Math.min(CHUNK, buffer.bytes().capacity())];
        buffer.bytes().clear();
        while (buffer.bytes().hasRemaining()) {
            int size = rest.read(chunk, 0, Math.min(chunk.length, buffer.bytes().remaining()));
            if (size < 0) {
                throw new EOFException();
            }
            buffer.bytes().put(chunk, 0, size);
        }
        buffer.bytes().clear();
    }

    private List<JsonNode> list(String field) {
        JsonNode node = root.path(field);
        if (!node.isMissingNode() && !node.isArray()) {
            throw new Refusal(Refusal.Kind.INVALID, "\"" + field + "\" must be an array");
        }
        if (node.size() > MAX_TENSORS) {
            throw new Refusal(Refusal.Kind.INVALID, "more than " + MAX_TENSORS + " " + field);
        }
        List<JsonNode> list = new ArrayList<>(node.size());
        node.forEach(list::add);
        return list;
    }

    private static String name(JsonNode tensor) {
        if (!tensor.path("name").isTextual()) {
            throw new Refusal(Refusal.Kind.INVALID, "every input and output needs a \"name\"");
        }
        return tensor.get("name").textValue();
    }

    private static Shape shape(JsonNode dims) {
        if (!dims.isArray()) {
            throw new IllegalArgumentException("needs a \"shape\", an array of whole numbers");
        }
        long[] shape = new long[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            if (!dims.get(i).isIntegralNumber() || !dims.get(i).canConvertToLong()) {
                throw new IllegalArgumentException("a dimension of " + dims.get(i));
            }
            shape[i] = dims.get(i).longValue();
        }
        return Shape.of(shape);
    }

    private static Parameters parameters(String of, JsonNode node) {
        Map<String, Object> values = new HashMap<>();
        node.path("parameters").properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isBoolean()) {
                values.put(entry.getKey(), value.booleanValue());
            } else if (value.isIntegralNumber() && value.canConvertToLong()) {
                values.put(entry.getKey(), value.longValue());
            } else if (value.isNumber()) {
                values.put(entry.getKey(), value.doubleValue());
            } else if (value.isTextual()) {
                values.put(entry.getKey(), value.textValue());
            }
        });
        return new Parameters(of, values);
    }
}
