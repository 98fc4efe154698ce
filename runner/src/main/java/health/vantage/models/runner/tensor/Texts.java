package health.vantage.models.runner.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The values of a BYTES tensor as the protocol's raw contents have them: of each element its length, as four bytes little-endian, then it. */
public final class Texts {
    private Texts() {}

    /**
     * Whether these are so many elements of UTF-8; runtimes take nothing else.
     *
     * @return a sentence about the first element that is not, empty when all are
     */
    public static Optional<String> flaw(ByteBuffer bytes, long elements) {
        CharsetDecoder utf8 = utf8();
        ByteBuffer rest = rest(bytes);
        for (long i = 0; i < elements; i++) {
            if (rest.remaining() < Integer.BYTES) {
                return Optional.of("it ends before element " + i + " of " + elements);
            }
            int length = rest.getInt();
            if (length < 0 || length > rest.remaining()) {
                return Optional.of("element " + i + " says that it has " + Integer.toUnsignedLong(length) + " bytes, "
                        + rest.remaining() + " are left");
            }
            try {
                utf8.decode(next(rest, length));
            } catch (CharacterCodingException e) {
                return Optional.of("element " + i + " is no UTF-8 text");
            }
        }
        return rest.hasRemaining()
                ? Optional.of(rest.remaining() + " bytes are left after its " + elements + " elements")
                : Optional.empty();
    }

    /** @param bytes without a {@link #flaw} */
    public static String[] read(ByteBuffer bytes, long elements) {
        String[] texts = new String[Math.toIntExact(elements)];
        ByteBuffer rest = rest(bytes);
        for (int i = 0; i < texts.length; i++) {
            texts[i] = StandardCharsets.UTF_8.decode(next(rest, rest.getInt())).toString();
        }
        return texts;
    }

    /** Their encoding, on the heap. */
    public static byte[][] utf8(String[] texts) {
        byte[][] encoded = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            encoded[i] = texts[i].getBytes(StandardCharsets.UTF_8);
        }
        return encoded;
    }

    /** What {@link #write} takes, in bytes. */
    public static long size(byte[][] elements) {
        long size = 0;
        for (byte[] element : elements) {
            size += Integer.BYTES + element.length;
        }
        return size;
    }

    /** @param into of exactly {@link #size} bytes */
    public static void write(byte[][] elements, ByteBuffer into) {
        ByteBuffer rest = rest(into);
        for (byte[] element : elements) {
            rest.putInt(element.length).put(element);
        }
    }

    private static ByteBuffer rest(ByteBuffer bytes) {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).clear();
    }

    private static ByteBuffer next(ByteBuffer rest, int length) {
        ByteBuffer element = rest.slice(rest.position(), length);
        rest.position(rest.position() + length);
        return element;
    }

    private static CharsetDecoder utf8() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }
}
