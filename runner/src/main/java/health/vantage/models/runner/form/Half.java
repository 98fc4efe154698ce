package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Optional;

/** FP32 as FP16, rounded to nearest even: half the bytes, three decimal digits; what is beyond 65504 becomes infinite. */
public record Half() implements OutputForm {
    private static final int BLOCK = 4096;

    @Override
    public Optional<String> objection(TensorSpec output) {
        return output.type() == DataType.FP32
                ? Optional.empty()
                : Optional.of("only FP32 is converted to FP16, it is " + output.type());
    }

    @Override
    public Tensor of(Tensor output, TensorPool pool) {
        TensorBuffer halves = pool.lend(output.shape().bytes(DataType.FP16));
        FloatBuffer from = Blocks.of(output.data()).asFloatBuffer();
        ShortBuffer to = Blocks.of(halves).asShortBuffer();
        float[] floats = new float[BLOCK];
        short[] shorts = new short[BLOCK];
        while (from.hasRemaining()) {
            int size = Math.min(BLOCK, from.remaining());
            from.get(floats, 0, size);
            convert(floats, shorts);
            to.put(shorts, 0, size);
        }
        return new Tensor(output.name(), DataType.FP16, output.shape(), halves);
    }

    /** A loop of its own and of fixed length: the compiler makes vector instructions of it. */
    private static void convert(float[] from, short[] to) {
        for (int i = 0; i < BLOCK; i++) {
            to[i] = Float.floatToFloat16(from[i]);
        }
    }
}
