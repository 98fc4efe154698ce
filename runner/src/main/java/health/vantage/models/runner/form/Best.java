package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import health.vantage.models.runner.tensor.Texts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The largest elements as {@code "score:index"}, best first, of equal ones the first: Triton's classification extension. {@code [N,...]} becomes
 * BYTES {@code [N,count]}, the index counting in the row, whatever dimensions that has; {@code [C]} becomes {@code [count]}.
 *
 * @param count fewer where a row has fewer elements
 */
public record Best(int count) implements OutputForm {
    @Override
    public Optional<String> objection(TensorSpec output) {
        if (!output.type().isFixedWidth()) {
            return Optional.of("texts have no largest elements");
        }
        return output.shape().rank() == 0 ? Optional.of("a single number has no classes") : Optional.empty();
    }

    @Override
    public Tensor of(Tensor output, TensorPool pool) {
        Shape shape = output.shape();
        boolean batch = shape.rank() > 1;
        int rows = batch ? Math.toIntExact(shape.dim(0)) : 1;
        int classes = rows == 0 ? 0 : Math.toIntExact(shape.elements() / rows);
        int best = Math.min(count, classes);
        byte[][] texts = new byte[rows * best][];
        ByteBuffer bytes = Blocks.of(output.data());
        for (int row = 0; row < rows; row++) {
            int[] indices = largest(bytes, output.type(), row * classes, classes, best);
            for (int i = 0; i < best; i++) {
                texts[row * best + i] = (Rank.text(bytes, output.type(), row * classes + indices[i]) + ":" + indices[i])
                        .getBytes(StandardCharsets.US_ASCII);
            }
        }
        TensorBuffer buffer = pool.lend(Texts.size(texts));
        Texts.write(texts, buffer.bytes());
        return new Tensor(output.name(), DataType.BYTES, batch ? Shape.of(rows, best) : Shape.of(best), buffer);
    }

    /** One pass, with the best so far kept in order: for the few that are asked for, cheaper than sorting. */
    private static int[] largest(ByteBuffer bytes, DataType type, int from, int classes, int best) {
        int[] indices = new int[best];
        long[] ranks = new long[best];
        int found = 0;
        for (int i = 0; i < classes; i++) {
            long rank = Rank.of(bytes, type, from + i);
            if (found == best && (best == 0 || rank <= ranks[best - 1])) {
                continue;
            }
            int at = found < best ? found : best - 1;
            while (at > 0 && ranks[at - 1] < rank) {
                ranks[at] = ranks[at - 1];
                indices[at] = indices[at - 1];
                at--;
            }
            ranks[at] = rank;
            indices[at] = i;
            found = Math.min(best, found + 1);
        }
        return Arrays.copyOf(indices, best);
    }
}
