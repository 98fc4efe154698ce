package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where the largest element along an axis is, the first of several: {@code [1,128,512,512]} along axis 1 becomes {@code [1,512,512]}. UINT8 where
 * the axis has at most 256 entries, else INT32.
 *
 * @param axis negative ones count from the last dimension
 */
public record ArgMax(int axis) implements OutputForm {
    private static final int BLOCK = 4096;
    private static final int MAX_BYTE = 256;

    @Override
    public Optional<String> objection(TensorSpec output) {
        int rank = output.shape().rank();
        if (!output.type().isFixedWidth()) {
            return Optional.of("texts have no largest element");
        }
        if (axis < -rank || axis >= rank) {
            return Optional.of("it has " + rank + " dimensions, so axis " + axis + " does not exist");
        }
        return Optional.empty();
    }

    @Override
    public Tensor of(Tensor output, TensorPool pool) {
        Shape shape = output.shape();
        int along = axis < 0 ? axis + shape.rank() : axis;
        int entries = Math.toIntExact(shape.dim(along));
        if (entries == 0) {
            throw new IllegalArgumentException(
                    "axis " + axis + " of " + shape + " is empty, so nothing is the largest");
        }
        long[] dims = shape.toArray();
        int outer = product(dims, 0, along);
        int inner = product(dims, along + 1, dims.length);
        Shape reduced = Shape.of(without(dims, along));
        DataType type = entries <= MAX_BYTE ? DataType.UINT8 : DataType.INT32;
        TensorBuffer result = pool.lend(reduced.bytes(type));
        Positions positions = new Positions(Blocks.of(result), type);
        for (int i = 0; i < outer; i++) {
            if (output.type() == DataType.FP32 && inner >= entries) {
                acrossFloats(Blocks.of(output.data()).asIntBuffer(), i * entries * inner, entries, inner, positions);
            } else {
                one(output, i * entries * inner, entries, inner, positions);
            }
        }
        return new Tensor(output.name(), type, reduced, result);
    }

    /** Many neighbours at once, each with its own best: what a map of classes is. */
    private static void acrossFloats(IntBuffer bits, int from, int entries, int inner, Positions positions) {
        int[] best = new int[BLOCK];
        int[] where = new int[BLOCK];
        int[] next = new int[BLOCK];
        for (int at = 0; at < inner; at += BLOCK) {
            int size = Math.min(BLOCK, inner - at);
            Rank.readFloats(bits, from + at, best, size);
            Arrays.fill(where, 0);
            for (int entry = 1; entry < entries; entry++) {
                Rank.readFloats(bits, from + entry * inner + at, next, size);
                keepBetter(best, where, next, entry);
            }
            positions.add(where, size);
        }
    }

    /** Without branches, for whole arrays: the compiler makes vector instructions of it. */
    private static void keepBetter(int[] best, int[] where, int[] next, int entry) {
        for (int i = 0; i < BLOCK; i++) {
            int larger = Math.max(best[i], next[i]);
            int changed = larger ^ best[i];
            int mask = (changed | -changed) >> 31;
            where[i] = (where[i] & ~mask) | (entry & mask);
            best[i] = larger;
        }
    }

    private static void one(Tensor output, int from, int entries, int inner, Positions positions) {
        ByteBuffer bytes = Blocks.of(output.data());
        int[] where = new int[1];
        for (int i = 0; i < inner; i++) {
            long best = Rank.of(bytes, output.type(), from + i);
            where[0] = 0;
            for (int entry = 1; entry < entries; entry++) {
                long next = Rank.of(bytes, output.type(), from + entry * inner + i);
                if (next > best) {
                    best = next;
                    where[0] = entry;
                }
            }
            positions.add(where, 1);
        }
    }

    private static int product(long[] dims, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return Math.toIntExact(product);
    }

    private static long[] without(long[] dims, int index) {
        long[] rest = new long[dims.length - 1];
        System.arraycopy(dims, 0, rest, 0, index);
        System.arraycopy(dims, index + 1, rest, index, rest.length - index);
        return rest;
    }

    /** The answer as it grows. */
    private record Positions(ByteBuffer bytes, DataType type) {
        void add(int[] where, int size) {
            for (int i = 0; i < size; i++) {
                if (type == DataType.UINT8) {
                    bytes.put((byte) where[i]);
                } else {
                    bytes.putInt(where[i]);
                }
            }
        }
    }
}
