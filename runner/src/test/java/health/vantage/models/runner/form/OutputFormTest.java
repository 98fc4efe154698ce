package health.vantage.models.runner.form;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import health.vantage.models.runner.tensor.Texts;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutputFormTest {
    private final TensorPool pool = new TensorPool(0);

    @AfterEach
    void everythingIsGivenBack() {
        assertThat(pool.lentBytes()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1,7;5;3,1", "2,2;19;8;9,1", "3,5000;3,-1", "4,2;3;4,0", "5,1;300;41;100,1", "6,4,0", "7,1;3;9000,-2"})
    void argMaxFindsTheFirstOfTheLargestAlongAnyAxis(int seed, String dims, int axis) {
        Shape shape = Shape.parse(dims.replace(';', ','));
        Random random = new Random(seed);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            // Few different ones, so that many are equal.
            values[i] = random.nextInt(9) - 4;
        }
        int along = axis < 0 ? axis + shape.rank() : axis;

        try (Tensor output = floats(shape, values);
                Tensor result = new ArgMax(axis).of(output, pool)) {
            assertThat(result.type()).isEqualTo(shape.dim(along) <= 256 ? DataType.UINT8 : DataType.INT32);
            assertThat(result.shape().rank()).isEqualTo(shape.rank() - 1);
            assertThat(numbers(result)).isEqualTo(naive(shape, values, along));
        }
    }

    @Test
    void notANumberIsNeverTheLargestAndBothZerosAreEqual() {
        float nan = Float.NaN;
        float negativeNan = Float.intBitsToFloat(0xffc00000);
        float[] values = {nan, 1, -0f, negativeNan, nan, -0f, 0f, -1, nan, 0f, -2, Float.POSITIVE_INFINITY};
        // Columns: (nan, nan, nan) (1, -0, 0) (-0, 0, -2) (-nan, -1, inf)

        try (Tensor columns = floats(Shape.of(3, 4), values);
                Tensor result = new ArgMax(0).of(columns, pool)) {
            assertThat(numbers(result)).containsExactly(0, 0, 0, 2);
        }
        // The other way through memory takes the other way through the code.
        try (Tensor rows = floats(Shape.of(3), -0f, nan, 0f);
                Tensor result = new ArgMax(0).of(rows, pool)) {
            assertThat(result.shape()).isEqualTo(Shape.of());
            assertThat(numbers(result)).containsExactly(0);
        }
    }

    @Test
    void integersAndHalvesHaveALargestToo() {
        try (Tensor bytes = tensor(DataType.UINT8, Shape.of(3), (byte) 1, (byte) -1, (byte) 3);
                Tensor signed = tensor(DataType.INT8, Shape.of(3), (byte) 1, (byte) -1, (byte) 3);
                Tensor first = new ArgMax(0).of(bytes, pool);
                Tensor second = new ArgMax(0).of(signed, pool)) {
            assertThat(numbers(first)).containsExactly(1);
            assertThat(numbers(second)).containsExactly(2);
        }
    }

    @Test
    void anAxisThatDoesNotExistIsRefusedBeforeTheModelRuns() {
        TensorSpec output = new TensorSpec("y", DataType.FP32, Shape.of(1, -1));

        assertThat(new ArgMax(1).objection(output)).isEmpty();
        assertThat(new ArgMax(-2).objection(output)).isEmpty();
        assertThat(new ArgMax(2).objection(output)).hasValue("it has 2 dimensions, so axis 2 does not exist");
        assertThat(new ArgMax(-3).objection(output)).isPresent();
        assertThat(new Half().objection(new TensorSpec("y", DataType.INT8, Shape.of(1))))
                .hasValue("only FP32 is converted to FP16, it is INT8");
        assertThat(new Best(1).objection(new TensorSpec("y", DataType.BYTES, Shape.of(1))))
                .isPresent();
    }

    @Test
    void theBestComeAsTritonWritesThemBestFirst() {
        try (Tensor output = floats(Shape.of(2, 4), 0.1f, 0.7f, 0.2f, 0.7f, -1, -2.5f, -1000, Float.NaN);
                Tensor result = new Best(3).of(output, pool)) {
            assertThat(result.type()).isEqualTo(DataType.BYTES);
            assertThat(result.shape()).isEqualTo(Shape.of(2, 3));
            assertThat(Texts.read(result.data().bytes(), 6))
                    .containsExactly(
                            "0.700000:1", "0.700000:3", "0.200000:2", "-1.000000:0", "-2.500000:1", "-1000.000000:2");
        }
        try (Tensor output = floats(Shape.of(2), 1, 2);
                Tensor result = new Best(10).of(output, pool)) {
            assertThat(result.shape()).isEqualTo(Shape.of(2));
            assertThat(Texts.read(result.data().bytes(), 2)).containsExactly("2.000000:1", "1.000000:0");
        }
    }

    @Test
    void halvesAreRoundedAsTheHardwareDoes() {
        Random random = new Random(16);
        float[] values = new float[10_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(random.nextInt());
        }
        try (Tensor output = floats(Shape.of(10, 1000), values);
                Tensor result = new Half().of(output, pool)) {
            assertThat(result.type()).isEqualTo(DataType.FP16);
            assertThat(result.shape()).isEqualTo(output.shape());
            ByteBuffer halves = Blocks.of(result.data());
            for (float value : values) {
                short half = halves.getShort();
                short expected = Float.floatToFloat16(value);
                // Which of the many not-a-numbers comes out is not promised.
                if (!Float.isNaN(value)) {
                    assertThat(half).as("%s", value).isEqualTo(expected);
                } else {
                    assertThat(Float.float16ToFloat(half)).isNaN();
                }
            }
        }
    }

    private Tensor floats(Shape shape, float... values) {
        TensorBuffer buffer = pool.lend(shape.bytes(DataType.FP32));
        Blocks.of(buffer).asFloatBuffer().put(values);
        return new Tensor("y", DataType.FP32, shape, buffer);
    }

    private Tensor tensor(DataType type, Shape shape, byte... bytes) {
        TensorBuffer buffer = pool.lend(bytes.length);
        Blocks.of(buffer).put(bytes);
        return new Tensor("y", type, shape, buffer);
    }

    private static int[] numbers(Tensor tensor) {
        ByteBuffer bytes = Blocks.of(tensor.data());
        int[] numbers = new int[(int) tensor.shape().elements()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = tensor.type() == DataType.UINT8 ? Byte.toUnsignedInt(bytes.get()) : bytes.getInt();
        }
        return numbers;
    }

    private static int[] naive(Shape shape, float[] values, int axis) {
        int entries = (int) shape.dim(axis);
        int inner = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
            inner *= (int) shape.dim(i);
        }
        int[] result = new int[values.length / entries];
        for (int i = 0; i < result.length; i++) {
            int from = i / inner * entries * inner + i % inner;
            for (int entry = 1; entry < entries; entry++) {
                if (values[from + entry * inner] > values[from + result[i] * inner]) {
                    result[i] = entry;
                }
            }
        }
        return result;
    }
}
