package health.vantage.models.runner.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A tensor's dimensions, outermost first; {@value #OPEN} where a model leaves one open. Immutable. */
public final class Shape {
    /** A dimension that each request chooses. */
    public static final long OPEN = -1;

    /** More than any model has; a bound on what callers may make us parse. */
    private static final int MAX_RANK = 16;

    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /** @throws IllegalArgumentException for more than 16 dimensions, or one that is neither positive, zero nor {@link #OPEN} */
    public static Shape of(long... dims) {
        if (dims.length > MAX_RANK) {
            throw new IllegalArgumentException(
                    "a shape of " + dims.length + " dimensions; at most " + MAX_RANK + " are taken");
        }
        for (long dim : dims) {
            if (dim < OPEN) {
                throw new IllegalArgumentException("a dimension of " + dim + " in " + Arrays.toString(dims));
            }
        }
        return new Shape(dims.clone());
    }

    public static Shape of(List<? extends Number> dims) {
        return of(dims.stream().mapToLong(Number::longValue).toArray());
    }

    /**
     * Reads {@code "1,3,640,640"}.
     *
     * @throws IllegalArgumentException when a part is no number
     */
    public static Shape parse(String text) {
        String[] parts = text.strip().split(",", MAX_RANK + 1);
        try {
            return of(Arrays.stream(parts)
                    .mapToLong(part -> Long.parseLong(part.strip()))
                    .toArray());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no shape; write the dimensions with commas, as in 1,3,640,640", e);
        }
    }

    public int rank() {
        return dims.length;
    }

    public long dim(int index) {
        return dims[index];
    }

    public long[] toArray() {
        return dims.clone();
    }

    /** How many dimensions are {@link #OPEN}. */
    public int openDims() {
        return (int) LongStream.of(dims).filter(dim -> dim == OPEN).count();
    }

    public boolean isConcrete() {
        return openDims() == 0;
    }

    /**
     * The product of the dimensions, open ones left out.
     *
     * @throws IllegalArgumentException when it overflows
     */
    public long elements() {
        long product = 1;
        try {
            for (long dim : dims) {
                product = dim == OPEN ? product : Math.multiplyExact(product, dim);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(this + " has more elements than can be counted", e);
        }
        return product;
    }

    /** The bytes of a tensor of this shape, open dimensions counted as one; of BYTES the least it can have. */
    public long bytes(DataType type) {
        try {
            return Math.multiplyExact(elements(), type.bytes());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(this + " x " + type + " has more bytes than can be counted", e);
        }
    }

    /** Whether some tensor could have both shapes: the same rank, and each dimension equal or open in one of them. */
    public boolean agreesWith(Shape other) {
        if (other.dims.length != dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != other.dims[i] && dims[i] != OPEN && other.dims[i] != OPEN) {
                return false;
            }
        }
        return true;
    }

    /** This shape, with open dimensions taken from {@code other}; both must agree. */
    public Shape narrowedBy(Shape other) {
        long[] narrowed = dims.clone();
        for (int i = 0; i < narrowed.length; i++) {
            narrowed[i] = narrowed[i] == OPEN ? other.dims[i] : narrowed[i];
        }
        return new Shape(narrowed);
    }

    /** This shape with every open dimension set to {@code value}. */
    public Shape withOpenDims(long value) {
        return of(LongStream.of(dims).map(dim -> dim == OPEN ? value : dim).toArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** {@code [1,3,?,?]} */
    @Override
    public String toString() {
        return LongStream.of(dims)
                .mapToObj(dim -> dim == OPEN ? "?" : Long.toString(dim))
                .collect(Collectors.joining(",", "[", "]"));
    }
}
