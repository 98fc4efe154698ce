package health.vantage.models.runner.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** An encoded message in pieces: the small fields, then for each tensor its tag and length, and its bytes where they are. */
final class OutgoingStream extends InputStream implements KnownLength, Drainable {
    /** gRPC takes arrays only. Small enough for a core's cache, so that memory is crossed once. */
    private static final int CHUNK = 64 * 1024;

    private static final ThreadLocal<byte[]> CHUNKS = ThreadLocal.withInitial(() -> new byte[CHUNK]);

    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
    private int left;

    OutgoingStream(byte[] message, int field, List<ByteBuffer> values) {
        add(ByteBuffer.wrap(message));
        for (ByteBuffer value : values) {
            add(header(field, value.remaining()));
            add(value.duplicate());
        }
    }

    /** A message with another as its last field. */
    static OutgoingStream within(byte[] message, int field, OutgoingStream inner) {
        ByteBuffer header = header(field, inner.left);
        ByteBuffer before = ByteBuffer.wrap(message);
        inner.left = Math.addExact(inner.left, Math.addExact(header.remaining(), before.remaining()));
        inner.pieces.addFirst(header);
        inner.pieces.addFirst(before);
        return inner;
    }

    private void add(ByteBuffer piece) {
        // gRPC's frames count in 32 bits as well.
        left = Math.addExact(left, piece.remaining());
        pieces.add(piece);
    }

    private static ByteBuffer header(int field, int length) {
        ByteBuffer header = ByteBuffer.allocate(
                CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(length));
        CodedOutputStream out = CodedOutputStream.newInstance(header);
        try {
            out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(length);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a buffer of exactly this size was too small", e);
        }
        return header.flip();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int all = left;
        byte[] chunk = CHUNKS.get();
        for (int size = read(chunk, 0, CHUNK); size > 0; size = read(chunk, 0, CHUNK)) {
            target.write(chunk, 0, size);
        }
        return all;
    }

    @Override
    public int available() {
        return left;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int filled = 0;
        while (filled < length && !pieces.isEmpty()) {
            ByteBuffer piece = pieces.getFirst();
            int size = Math.min(length - filled, piece.remaining());
            piece.get(into, offset + filled, size);
            filled += size;
            if (!piece.hasRemaining()) {
                pieces.removeFirst();
            }
        }
        left -= filled;
        return filled == 0 ? -1 : filled;
    }
}
