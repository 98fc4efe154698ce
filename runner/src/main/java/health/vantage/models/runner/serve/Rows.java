package health.vantage.models.runner.serve;

import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Tensors joined and cut along their first dimension; row-major order makes both plain copies. */
final class Rows {
    private Rows() {}

    /** Whether the model leaves the first dimension of everything to the caller, and rows have one size. */
    static boolean open(List<TensorSpec> specs) {
        return !specs.isEmpty()
                && specs.stream()
                        .allMatch(spec -> spec.type().isFixedWidth()
                                && spec.shape().rank() > 0
                                && spec.shape().dim(0) == Shape.OPEN);
    }

    /** Whether all have as many rows as the first, at least one. */
    static boolean same(List<Tensor> tensors) {
        return tensors.stream().allMatch(tensor -> tensor.shape().dim(0) == of(tensors)) && of(tensors) > 0;
    }

    static long of(List<Tensor> tensors) {
        return tensors.getFirst().shape().dim(0);
    }

    /** The shape of one row. */
    static Shape entry(Shape shape) {
        return with(shape, 1);
    }

    private static Shape with(Shape shape, long rows) {
        long[] dims = shape.toArray();
        dims[0] = rows;
        return Shape.of(dims);
    }

    /** One tensor with the rows of all, in their order. */
    static Tensor join(List<Tensor> parts, TensorPool pool) {
        Tensor first = parts.getFirst();
        long rows = parts.stream().mapToLong(part -> part.shape().dim(0)).sum();
        Shape shape = with(first.shape(), rows);
        TensorBuffer buffer = pool.lend(shape.bytes(first.type()));
        parts.forEach(part -> buffer.bytes().put(part.data().bytes().duplicate().clear()));
        buffer.bytes().clear();
        return new Tensor(first.name(), first.type(), shape, buffer);
    }

    /** A copy of {@code rows} rows. */
    static Tensor cut(Tensor whole, long from, long rows, TensorPool pool) {
        Shape shape = with(whole.shape(), rows);
        long row = entry(whole.shape()).bytes(whole.type());
        TensorBuffer buffer = pool.lend(shape.bytes(whole.type()));
        ByteBuffer part = whole.data().bytes().duplicate();
        part.limit(Math.toIntExact((from + rows) * row)).position(Math.toIntExact(from * row));
        buffer.bytes().put(part).clear();
        return new Tensor(whole.name(), whole.type(), shape, buffer);
    }

    static boolean allHave(List<Tensor> tensors, long rows) {
        return tensors.stream()
                .allMatch(tensor -> tensor.shape().rank() > 0 && tensor.shape().dim(0) == rows);
    }

    /** For people. */
    static String shapes(List<Tensor> tensors) {
        return Arrays.toString(
                tensors.stream().map(tensor -> tensor.name() + tensor.shape()).toArray());
    }
}
