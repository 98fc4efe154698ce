package health.vantage.models.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A named array of numbers as it travels: row-major, little-endian, without padding. Its bytes are not copied on the way, so what was
 * given must not change until the answer is there.
 */
public final class Tensor {
    private final String name;
    private final TensorType type;
    private final long[] shape;
    private final ByteBuffer bytes;
    private final BooleanSupplier givenBack;

    private Tensor(String name, TensorType type, long[] shape, ByteBuffer bytes) {
        this(name, type, shape, bytes, () -> false);
    }

    /** @param givenBack whether the bytes may no longer be read */
    Tensor(String name, TensorType type, long[] shape, ByteBuffer bytes, BooleanSupplier givenBack) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.bytes = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        this.givenBack = givenBack;
        long expected = elements(name, shape);
        if (type == TensorType.BYTES) {
            ByteStrings.check(this.toString(), this.bytes, expected);
        } else if (bytes.remaining() % type.bytes() != 0 || bytes.remaining() / type.bytes() != expected) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": " + type + Arrays.toString(shape) + " has " + expected + " elements of "
                            + type.bytes() + " bytes, and " + bytes.remaining() + " bytes were given");
        }
    }

    /** @param bytes little-endian; from position to limit */
    public static Tensor of(String name, TensorType type, ByteBuffer bytes, long... shape) {
        return new Tensor(name, type, shape, bytes);
    }

    /** FP32. */
    public static Tensor of(String name, float[] values, long... shape) {
        return of(name, FloatBuffer.wrap(values), shape);
    }

    /** FP32, from position to limit. */
    public static Tensor of(String name, FloatBuffer values, long... shape) {
        ByteBuffer bytes = room(name, values.remaining(), TensorType.FP32);
        bytes.asFloatBuffer().put(values.duplicate());
        return new Tensor(name, TensorType.FP32, shape, bytes);
    }

    /** FP64. */
    public static Tensor of(String name, double[] values, long... shape) {
        ByteBuffer bytes = room(name, values.length, TensorType.FP64);
        bytes.asDoubleBuffer().put(values);
        return new Tensor(name, TensorType.FP64, shape, bytes);
    }

    /** INT32. */
    public static Tensor of(String name, int[] values, long... shape) {
        ByteBuffer bytes = room(name, values.length, TensorType.INT32);
        bytes.asIntBuffer().put(values);
        return new Tensor(name, TensorType.INT32, shape, bytes);
    }

    /** INT64. */
    public static Tensor of(String name, long[] values, long... shape) {
        ByteBuffer bytes = room(name, values.length, TensorType.INT64);
        bytes.asLongBuffer().put(values);
        return new Tensor(name, TensorType.INT64, shape, bytes);
    }

    /** UINT8, as images often are; INT8 goes through {@link #of(String, TensorType, ByteBuffer, long...)}. */
    public static Tensor of(String name, byte[] values, long... shape) {
        return new Tensor(name, TensorType.UINT8, shape, ByteBuffer.wrap(values.clone()));
    }

    /** BOOL. */
    public static Tensor of(String name, boolean[] values, long... shape) {
        ByteBuffer bytes = room(name, values.length, TensorType.BOOL);
        for (int i = 0; i < values.length; i++) {
            bytes.put(i, (byte) (values[i] ? 1 : 0));
        }
        return new Tensor(name, TensorType.BOOL, shape, bytes);
    }

    /** FP16, rounded to the nearest. */
    public static Tensor halves(String name, float[] values, long... shape) {
        ByteBuffer bytes = room(name, values.length, TensorType.FP16);
        ShortBuffer halves = bytes.asShortBuffer();
        for (float value : values) {
            halves.put(Float.floatToFloat16(value));
        }
        return new Tensor(name, TensorType.FP16, shape, bytes);
    }

    /** BYTES, as models take text; encoded as UTF-8. */
    public static Tensor of(String name, String[] values, long... shape) {
        return ofByteStrings(
                name,
                Arrays.stream(values)
                        .map(value -> value.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                shape);
    }

    /** BYTES of any content. */
    public static Tensor ofByteStrings(String name, List<byte[]> values, long... shape) {
        return new Tensor(name, TensorType.BYTES, shape, ByteStrings.encode(name, values));
    }

    public String name() {
        return name;
    }

    public TensorType type() {
        return type;
    }

    /** A copy. */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * Read-only, little-endian, all of it.
     *
     * @throws IllegalStateException when it lay in memory that {@link Inference#close} has given back
     */
    public ByteBuffer bytes() {
        if (givenBack.getAsBoolean()) {
            throw new IllegalStateException(
                    this + " lay in memory shared with the runner, which Inference.close() has given back");
        }
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A view of FP32. @throws IllegalStateException for another type, as all views do */
    public FloatBuffer floats() {
        return as(TensorType.FP32).asFloatBuffer();
    }

    /** A view of FP64. */
    public DoubleBuffer doubles() {
        return as(TensorType.FP64).asDoubleBuffer();
    }

    /** A view of INT32; UINT32 as Java's signed int. */
    public IntBuffer ints() {
        return as(TensorType.INT32, TensorType.UINT32).asIntBuffer();
    }

    /** A view of INT64; UINT64 as Java's signed long. */
    public LongBuffer longs() {
        return as(TensorType.INT64, TensorType.UINT64).asLongBuffer();
    }

    /** A copy of FP32, FP16 or BF16: every value of these is a float. */
    public float[] toFloats() {
        ByteBuffer data = as(TensorType.FP32, TensorType.FP16, TensorType.BF16);
        float[] values = new float[data.remaining() / type.bytes()];
        switch (type) {
            case FP16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(data.getShort(i * 2));
                }
            }
            case BF16 -> {
                // The upper half of an FP32.
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(data.getShort(i * 2) << 16);
                }
            }
            default -> data.asFloatBuffer().get(values);
        }
        return values;
    }

    /** A copy of INT64. */
    public long[] toLongs() {
        LongBuffer view = longs();
        long[] values = new long[view.remaining()];
        view.get(values);
        return values;
    }

    /** A copy of BYTES as text in UTF-8. */
    public String[] toStrings() {
        return toByteStrings().stream()
                .map(value -> new String(value, StandardCharsets.UTF_8))
                .toArray(String[]::new);
    }

    /** A copy of BYTES. */
    public List<byte[]> toByteStrings() {
        return ByteStrings.decode(as(TensorType.BYTES));
    }

    private ByteBuffer as(TensorType... types) {
        if (!Arrays.asList(types).contains(type)) {
            throw new IllegalStateException(this + " cannot be read as " + Arrays.toString(types));
        }
        return bytes();
    }

    private static ByteBuffer room(String name, int elements, TensorType type) {
        if (elements > Integer.MAX_VALUE / type.bytes()) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": " + elements + " elements of " + type + " are more than 2 GiB");
        }
        return ByteBuffer.allocate(elements * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long elements(String name, long[] shape) {
        long count = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("tensor " + name + ": the shape " + Arrays.toString(shape)
                        + " has a negative dimension; a tensor's own shape has none open");
            }
            try {
                count = Math.multiplyExact(count, dimension);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException(
                        "tensor " + name + ": the shape " + Arrays.toString(shape) + " is too large", e);
            }
        }
        return count;
    }

    @Override
    public String toString() {
        return "tensor " + name + " " + type + Arrays.toString(shape);
    }
}
