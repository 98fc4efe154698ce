package health.vantage.models.runner.grpc;

import health.vantage.models.runner.openinference.Parameters;
import health.vantage.models.runner.proto.v2.InferParameter;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelInferResponse.InferOutputTensor;
import health.vantage.models.runner.serve.Answer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The messages that one answer is sent in. One, as Triton's clients expect; or several, where the request's parameter {@value #CHUNK} says
 * how many bytes each may have at most: then each holds a part of one output, with the parameters {@value #OFFSET} and {@value #TOTAL} on it.
 * The parameter {@value #FINAL} on the message is true for the last, as with Triton's models that answer more than once.
 */
final class StreamPieces {
    static final String CHUNK = "chunk_byte_size";
    static final String OFFSET = "chunk_offset";
    static final String TOTAL = "chunk_total_byte_size";
    static final String FINAL = "triton_final_response";

    private static final long SMALLEST_CHUNK = 4096;

    private StreamPieces() {}

    /** @throws health.vantage.models.runner.serve.Refusal of kind INVALID */
    static Optional<Integer> chunk(ModelInferRequest request) {
        Parameters parameters = OpenInferenceMessages.parameters("request", request.getParametersMap());
        return parameters.number(CHUNK).map(size -> {
            if (size < SMALLEST_CHUNK || size > Integer.MAX_VALUE) {
                throw parameters.invalid(CHUNK + " must be at least " + SMALLEST_CHUNK + ", not " + size);
            }
            return size.intValue();
        });
    }

    /** @param answer its tensors are read until the last piece is sent */
    static List<Outgoing<ModelInferResponse>> of(ModelInferRequest request, Answer answer, Optional<Integer> chunk) {
        Outgoing<ModelInferResponse> whole = OpenInferenceMessages.response(request, answer);
        List<Outgoing<ModelInferResponse>> pieces = new ArrayList<>();
        if (chunk.isEmpty()) {
            pieces.add(whole);
        } else {
            for (int i = 0; i < whole.values().size(); i++) {
                cut(whole.message(), i, whole.values().get(i), chunk.get(), pieces);
            }
        }
        for (int i = 0; i < pieces.size(); i++) {
            boolean last = i == pieces.size() - 1;
            ModelInferResponse message = pieces.get(i).message().toBuilder()
                    .putParameters(
                            FINAL,
                            InferParameter.newBuilder().setBoolParam(last).build())
                    .build();
            pieces.set(i, new Outgoing<>(message, pieces.get(i).values()));
        }
        return pieces;
    }

    private static void cut(
            ModelInferResponse whole,
            int output,
            ByteBuffer value,
            int size,
            List<Outgoing<ModelInferResponse>> pieces) {
        int total = value.remaining();
        int at = 0;
        do {
            int length = Math.min(size, total - at);
            InferOutputTensor part = whole.getOutputs(output).toBuilder()
                    .putParameters(OFFSET, number(at))
                    .putParameters(TOTAL, number(total))
                    .build();
            pieces.add(new Outgoing<>(
                    whole.toBuilder().clearOutputs().addOutputs(part).build(),
                    List.of(value.slice(value.position() + at, length))));
            at += length;
        } while (at < total);
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }
}
