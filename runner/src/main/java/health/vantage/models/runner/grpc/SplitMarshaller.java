package health.vantage.models.runner.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import health.vantage.models.runner.serve.PooledPayload;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a request's tensors from the network's buffers straight into the pool's memory. The generated parser would copy them through the
 * Java heap, once or twice; the rest of the message is small and still its work.
 */
final class SplitMarshaller<M extends MessageLite> implements Marshaller<Arriving<M>> {
    /** More than any model has inputs; a bound on what a request can make us lend piecemeal. */
    private static final int MAX_TENSORS = 1024;

    /** Copying this much takes about as long as the way to another thread. */
    private static final int SMALL = 64 * 1024;

    private static final int CHUNK = 32 * 1024;

    private final Parser<M> parser;
    private final int field;
    private final TensorPool pool;
    private final int maxBytes;

    /**
     * @param field the number of the bytes field to read apart
     * @param maxBytes no field can be larger, since no message may be
     */
    SplitMarshaller(Parser<M> parser, int field, TensorPool pool, int maxBytes) {
        this.parser = parser;
        this.field = field;
        this.pool = pool;
        this.maxBytes = maxBytes;
    }

    /** What is small is read at once. So is what cannot outlive this call, such as a compressed request. */
    @Override
    public Arriving<M> parse(InputStream stream) {
        try {
            return stream instanceof Detachable buffers && stream.available() > SMALL
                    ? Arriving.unread(this, buffers.detach())
                    : Arriving.read(this, read(stream));
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /** @throws io.grpc.StatusRuntimeException when it is not well-formed */
    Split<M> read(InputStream stream) {
        List<PooledPayload> tensors = new ArrayList<>(1);
        boolean whole = false;
        try {
            Split<M> split = new Split<>(parser.parseFrom(rest(stream, tensors)), tensors);
            whole = true;
            return split;
        } catch (IOException e) {
            throw malformed(e);
        } finally {
            if (!whole) {
                tensors.forEach(PooledPayload::close);
            }
        }
    }

    private static StatusRuntimeException malformed(IOException e) {
        return Status.INVALID_ARGUMENT
                .withDescription("the request is not a well-formed message: " + e.getMessage())
                .withCause(e)
                .asRuntimeException();
    }

    /** Every field but the tensors, encoded as it came. */
    private byte[] rest(InputStream stream, List<PooledPayload> tensors) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        CodedOutputStream rest = CodedOutputStream.newInstance(bytes, 128);
        for (int first = stream.read(); first >= 0; first = stream.read()) {
            int tag = (int) varint(first, stream);
            int length;
            switch (WireFormat.getTagWireType(tag)) {
                case WireFormat.WIRETYPE_VARINT -> {
                    rest.writeUInt32NoTag(tag);
                    rest.writeUInt64NoTag(varint(stream));
                }
                case WireFormat.WIRETYPE_FIXED64 -> copy(stream, 8, tag, rest);
                case WireFormat.WIRETYPE_FIXED32 -> copy(stream, 4, tag, rest);
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                    length = length(stream);
                    if (WireFormat.getTagFieldNumber(tag) == field) {
                        if (tensors.size() == MAX_TENSORS) {
                            throw new IOException("more than " + MAX_TENSORS + " tensors");
                        }
                        tensors.add(tensor(stream, length));
                    } else {
                        rest.writeUInt32NoTag(tag);
                        rest.writeUInt32NoTag(length);
                        rest.writeRawBytes(stream.readNBytes(length));
                    }
                }
                default -> throw new IOException("a field of wire type " + WireFormat.getTagWireType(tag));
            }
        }
        rest.flush();
        return bytes.toByteArray();
    }

    private static void copy(InputStream stream, int size, int tag, CodedOutputStream rest) throws IOException {
        rest.writeUInt32NoTag(tag);
        rest.writeRawBytes(stream.readNBytes(size));
    }

    private PooledPayload tensor(InputStream stream, int length) throws IOException {
        TensorBuffer buffer = pool.lend(length);
        boolean whole = false;
        try {
            if (stream instanceof HasByteBuffer frames && frames.byteBufferSupported()) {
                fill(buffer.bytes(), stream, frames);
            } else {
                fill(buffer.bytes(), stream);
            }
            buffer.bytes().clear();
            whole = true;
            return new PooledPayload(buffer);
        } finally {
            if (!whole) {
                buffer.close();
            }
        }
    }

    private static void fill(ByteBuffer into, InputStream stream, HasByteBuffer frames) throws IOException {
        while (into.hasRemaining()) {
            ByteBuffer frame = frames.getByteBuffer();
            if (frame == null || !frame.hasRemaining()) {
                throw new EOFException("it ends within a tensor");
            }
            int size = Math.min(frame.remaining(), into.remaining());
            into.put(into.position(), frame, frame.position(), size);
            into.position(into.position() + size);
            stream.skipNBytes(size);
        }
    }

    /** For compressed requests, which have no buffers to look into. */
    private static void fill(ByteBuffer into, InputStream stream) throws IOException {
        byte[] chunk = new byte[Math.min(CHUNK, into.remaining())];
        while (into.hasRemaining()) {
            int size = stream.read(chunk, 0, Math.min(chunk.length, into.remaining()));
            if (size < 0) {
                throw new EOFException("it ends within a tensor");
            }
            into.put(chunk, 0, size);
        }
    }

    private int length(InputStream stream) throws IOException {
        long length = varint(stream);
        // Before a byte is lent: a few bytes that promise 2 GiB must cost nothing.
        if (length < 0 || length > maxBytes) {
            throw new IOException("a field of " + length + " bytes; at most " + maxBytes + " are taken");
        }
        return (int) length;
    }

    private static long varint(InputStream stream) throws IOException {
        return varint(stream.read(), stream);
    }

    private static long varint(int first, InputStream stream) throws IOException {
        long value = 0;
        int next = first;
        for (int shift = 0; shift < 64; shift += 7) {
            if (next < 0) {
                throw new EOFException("it ends within a field");
            }
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
            next = stream.read();
        }
        throw new IOException("a number of more than 64 bits");
    }

    @Override
    public InputStream stream(Arriving<M> value) {
        throw new UnsupportedOperationException("requests are only read here");
    }
}
