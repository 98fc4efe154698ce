package health.vantage.models.runner.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.InputStream;

/** The counterpart of {@link SplitMarshaller}: writes a reply's tensors from the pool's memory, whatever their size, without an array for them. */
final class OutgoingMarshaller<M extends MessageLite> implements Marshaller<Outgoing<M>> {
    private final int field;

    /** @param field the number of the bytes field that is written apart */
    OutgoingMarshaller(int field) {
        this.field = field;
    }

    @Override
    public InputStream stream(Outgoing<M> reply) {
        return new OutgoingStream(reply.message().toByteArray(), field, reply.values());
    }

    @Override
    public Outgoing<M> parse(InputStream stream) {
        throw new UnsupportedOperationException("replies are only written here");
    }
}
