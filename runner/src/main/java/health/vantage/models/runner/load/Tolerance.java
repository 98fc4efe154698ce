package health.vantage.models.runner.load;

import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.Texts;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * How far an output may be from the golden one: {@code |got - expected| <= absolute + relative * |expected|}, element by element, as
 * NumPy's {@code allclose}. Not-a-number equals only itself.
 */
public record Tolerance(double absolute, double relative) {
    /** A sentence about the worst element, empty when all are within. */
    Optional<String> difference(Tensor expected, Tensor got) {
        if (expected.type() != got.type() || !expected.shape().equals(got.shape())) {
            return Optional.of("output " + expected.name() + " is " + got.type() + got.shape() + ", expected "
                    + expected.type() + expected.shape());
        }
        if (!expected.type().isFixedWidth()) {
            return textDifference(expected, got);
        }
        ByteBuffer left = expected.data().bytes();
        ByteBuffer right = got.data().bytes();
        long elements = expected.shape().elements();
        long outside = 0;
        int worst = -1;
        double worstBy = -1;
        for (int i = 0; i < elements; i++) {
            double by = excess(element(left, expected.type(), i), element(right, got.type(), i));
            if (by > 0) {
                outside++;
                if (by > worstBy) {
                    worstBy = by;
                    worst = i;
                }
            }
        }
        if (outside == 0) {
            return Optional.empty();
        }
        return Optional.of("output " + expected.name() + " differs in " + outside + " of " + elements
                + " elements; at element " + worst + " expected " + element(left, expected.type(), worst) + ", got "
                + element(right, got.type(), worst) + " (tolerance " + absolute + " + " + relative + " x expected)");
    }

    private static Optional<String> textDifference(Tensor expected, Tensor got) {
        long elements = expected.shape().elements();
        String[] left = Texts.read(expected.data().bytes(), elements);
        String[] right = Texts.read(got.data().bytes(), elements);
        int first = Arrays.mismatch(left, right);
        return first < 0
                ? Optional.empty()
                : Optional.of("output " + expected.name() + " differs at element " + first + ": expected \""
                        + left[first] + "\", got \"" + right[first] + "\"");
    }

    private double excess(double expected, double got) {
        if (Double.isNaN(expected) || Double.isNaN(got)) {
            return Double.isNaN(expected) && Double.isNaN(got) ? 0 : Double.POSITIVE_INFINITY;
        }
        // Equal infinities have no difference that could be computed.
        return expected == got ? 0 : Math.abs(got - expected) - (absolute + relative * Math.abs(expected));
    }

    private static double element(ByteBuffer bytes, DataType type, int index) {
        int at = index * type.bytes();
        return switch (type) {
            case BOOL, UINT8 -> Byte.toUnsignedInt(bytes.get(at));
            case INT8 -> bytes.get(at);
            case UINT16 -> Short.toUnsignedInt(bytes.getShort(at));
            case INT16 -> bytes.getShort(at);
            case UINT32 -> Integer.toUnsignedLong(bytes.getInt(at));
            case INT32 -> bytes.getInt(at);
            case UINT64, INT64 -> bytes.getLong(at);
            case FP16 -> Float.float16ToFloat(bytes.getShort(at));
            case BF16 -> Float.intBitsToFloat(bytes.getShort(at) << 16);
            case FP32 -> bytes.getFloat(at);
            case FP64 -> bytes.getDouble(at);
            case BYTES -> throw new IllegalArgumentException("texts have no distance");
        };
    }
}
