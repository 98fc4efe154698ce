package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Locale;

/**
 * Numbers as integers that sort the same, so that comparing them needs no branch. Both zeros are equal, and not-a-number is least: it never
 * is the best of anything but itself.
 */
final class Rank {
    private static final int INFINITE = 0x7f800000;
    private static final long INFINITE_LONG = 0x7ff0000000000000L;

    private Rank() {}

    /** Ranks of FP32 bits, in place. Without branches, for the whole array: the compiler makes vector instructions of it. */
    static void ofFloats(int[] bits) {
        for (int i = 0; i < bits.length; i++) {
            int raw = bits[i];
            int sign = raw >> 31;
            int nan = (INFINITE - (raw & Integer.MAX_VALUE)) >> 31;
            int rank = (raw ^ (sign >>> 1)) - sign;
            bits[i] = (rank & ~nan) | (Integer.MIN_VALUE & nan);
        }
    }

    /** The rank of any element. Slow, for tensors that are small or rare. */
    static long of(ByteBuffer bytes, DataType type, int index) {
        int at = index * type.bytes();
        return switch (type) {
            case BOOL, UINT8 -> Byte.toUnsignedInt(bytes.get(at));
            case INT8 -> bytes.get(at);
            case UINT16 -> Short.toUnsignedInt(bytes.getShort(at));
            case INT16 -> bytes.getShort(at);
            case UINT32 -> Integer.toUnsignedLong(bytes.getInt(at));
            case INT32 -> bytes.getInt(at);
            case INT64 -> bytes.getLong(at);
            case UINT64 -> bytes.getLong(at) ^ Long.MIN_VALUE;
            case FP16 -> of(Float.float16ToFloat(bytes.getShort(at)));
            case BF16 -> of(Float.intBitsToFloat(bytes.getShort(at) << 16));
            case FP32 -> of(bytes.getFloat(at));
            case FP64 -> of(bytes.getDouble(at));
            case BYTES -> throw new IllegalArgumentException("texts have no rank");
        };
    }

    private static long of(double value) {
        long raw = Double.doubleToRawLongBits(value);
        if ((raw & Long.MAX_VALUE) > INFINITE_LONG) {
            return Long.MIN_VALUE;
        }
        long sign = raw >> 63;
        return (raw ^ (sign >>> 1)) - sign;
    }

    /** An element as C++'s {@code std::to_string} writes it, which is what Triton's clients parse. */
    static String text(ByteBuffer bytes, DataType type, int index) {
        int at = index * type.bytes();
        return switch (type) {
            case FP16 -> decimal(Float.float16ToFloat(bytes.getShort(at)));
            case BF16 -> decimal(Float.intBitsToFloat(bytes.getShort(at) << 16));
            case FP32 -> decimal(bytes.getFloat(at));
            case FP64 -> decimal(bytes.getDouble(at));
            case UINT64 -> Long.toUnsignedString(bytes.getLong(at));
            default -> Long.toString(of(bytes, type, index));
        };
    }

    private static String decimal(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        return String.format(Locale.ROOT, "%f", value);
    }

    /** Reads {@code into.length} ranks, or as many as are left; the rest of {@code into} is undefined. */
    static void readFloats(IntBuffer bits, int from, int[] into, int size) {
        bits.get(from, into, 0, size);
        ofFloats(into);
    }
}
