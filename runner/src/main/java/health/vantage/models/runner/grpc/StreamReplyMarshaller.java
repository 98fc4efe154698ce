package health.vantage.models.runner.grpc;

import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelStreamInferResponse;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.InputStream;

/** As {@link OutgoingMarshaller}, for answers that lie within another message. */
final class StreamReplyMarshaller implements Marshaller<StreamReply> {
    @Override
    public InputStream stream(StreamReply reply) {
        return OutgoingStream.within(
                ModelStreamInferResponse.newBuilder()
                        .setErrorMessage(reply.error())
                        .build()
                        .toByteArray(),
                ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER,
                new OutgoingStream(
                        reply.answer().message().toByteArray(),
                        ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER,
                        reply.answer().values()));
    }

    @Override
    public StreamReply parse(InputStream stream) {
        throw new UnsupportedOperationException("replies are only written here");
    }
}
