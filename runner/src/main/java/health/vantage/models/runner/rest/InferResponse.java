package health.vantage.models.runner.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.runner.openinference.Parameters;
import health.vantage.models.runner.openinference.RegionParameter;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes an answer: JSON, and behind it the bytes of outputs that were asked for as binary data. */
final class InferResponse {
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final int CHUNK = 64 * 1024;
    private static final JsonFactory JSON = new JsonFactory();

    private final InferRequest request;
    private final Answer answer;
    private final Map<String, Parameters> asked;

    InferResponse(InferRequest request, Answer answer) {
        this.request = request;
        this.answer = answer;
        this.asked = request.outputs();
    }

    void send(HttpExchange exchange) throws IOException {
        List<Tensor> binary = new ArrayList<>();
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(header)) {
            write(json, binary);
        }
        long length = header.size();
        for (Tensor tensor : binary) {
            length += tensor.data().bytes().capacity();
        }
        if (!binary.isEmpty()) {
            exchange.getResponseHeaders().set(HEADER_LENGTH, Integer.toString(header.size()));
        }
        exchange.getResponseHeaders()
                .set("Content-Type", binary.isEmpty() ? "application/json" : "application/octet-stream");
        exchange.sendResponseHeaders(HttpStatus.OK, length);
        try (OutputStream body = exchange.getResponseBody()) {
            header.writeTo(body);
            byte[] chunk = new byte[CHUNK];
            for (Tensor tensor : binary) {
                ByteBuffer bytes = tensor.data().bytes().duplicate().clear();
                while (bytes.hasRemaining()) {
                    int size = Math.min(CHUNK, bytes.remaining());
                    bytes.get(chunk, 0, size);
                    body.write(chunk, 0, size);
                }
            }
        }
    }

    private void write(JsonGenerator json, List<Tensor> binary) throws IOException {
        json.writeStartObject();
        json.writeStringField("model_name", answer.model());
        json.writeStringField("model_version", answer.version());
        if (!request.id().isEmpty()) {
            json.writeStringField("id", request.id());
        }
        json.writeArrayFieldStart("outputs");
        for (Tensor tensor : answer.outputs()) {
            json.writeStartObject();
            json.writeStringField("name", tensor.name());
            json.writeStringField("datatype", tensor.type().name());
            json.writeFieldName("shape");
            long[] shape = tensor.shape().toArray();
            json.writeArray(shape, 0, shape.length);
            contents(tensor, json, binary);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void contents(Tensor tensor, JsonGenerator json, List<Tensor> binary) throws IOException {
        Parameters parameters = asked.getOrDefault(tensor.name(), new Parameters(tensor.name(), Map.of()));
        var place = RegionParameter.of(parameters);
        if (place.isPresent()) {
            json.writeObjectFieldStart("parameters");
            json.writeStringField(RegionParameter.REGION, place.get().region());
            json.writeNumberField(RegionParameter.OFFSET, place.get().offset());
            json.writeNumberField(RegionParameter.SIZE, tensor.data().bytes().capacity());
            json.writeEndObject();
        } else if (parameters.flag("binary_data").orElse(request.binaryByDefault())) {
            binary.add(tensor);
            json.writeObjectFieldStart("parameters");
            json.writeNumberField("binary_data_size", tensor.data().bytes().capacity());
            json.writeEndObject();
        } else {
            json.writeFieldName("data");
            JsonTensors.write(tensor, json);
        }
    }
}
