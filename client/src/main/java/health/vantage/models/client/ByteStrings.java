package health.vantage.models.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The form of BYTES tensors: each element as its length in four bytes, little-endian, and then its bytes. Source: the protocol's raw contents. */
final class ByteStrings {
    private ByteStrings() {}

    static ByteBuffer encode(String name, List<byte[]> values) {
        long size = values.stream()
                .mapToLong(value -> Integer.BYTES + (long) value.length)
                .sum();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor " + name + ": " + size + " bytes are more than 2 GiB");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(value -> bytes.putInt(value.length).put(value));
        return bytes.flip();
    }

    /** @throws IllegalArgumentException unless these are exactly so many elements */
    static void check(String tensor, ByteBuffer encoded, long elements) {
        ByteBuffer bytes = encoded.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long found = 0;
        while (bytes.remaining() >= Integer.BYTES) {
            int length = bytes.getInt();
            if (length < 0 || length > bytes.remaining()) {
                throw new IllegalArgumentException(tensor + ": element " + found + " has " + length + " bytes, and "
                        + bytes.remaining() + " are left");
            }
            bytes.position(bytes.position() + length);
            found++;
        }
        if (bytes.hasRemaining() || found != elements) {
            throw new IllegalArgumentException(tensor + " has " + elements + " elements, and " + found + " were given"
                    + (bytes.hasRemaining() ? " with " + bytes.remaining() + " bytes after them" : ""));
        }
    }

    static List<byte[]> decode(ByteBuffer encoded) {
        ByteBuffer bytes = encoded.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> values = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] value = new byte[bytes.getInt()];
            bytes.get(value);
            values.add(value);
        }
        return values;
    }
}
