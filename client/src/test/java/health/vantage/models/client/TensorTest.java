package health.vantage.models.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

final class TensorTest {
    @Test
    void everyArrayComesBackAsItWent() {
        assertThat(Tensor.of("x", new float[] {1, -2.5f}, 2).toFloats()).containsExactly(1, -2.5f);
        assertThat(Tensor.of("x", new double[] {1, -2.5}, 1, 2).doubles().get(1))
                .isEqualTo(-2.5);
        assertThat(Tensor.of("x", new int[] {1, -2}, 2).ints().get(1)).isEqualTo(-2);
        assertThat(Tensor.of("x", new long[] {1, Long.MIN_VALUE}, 2).toLongs()).containsExactly(1, Long.MIN_VALUE);
        assertThat(Tensor.of("x", new byte[] {1, -1}, 2).bytes().get(1)).isEqualTo((byte) -1);
        assertThat(Tensor.of("x", new boolean[] {true, false}, 2).bytes().get(0))
                .isEqualTo((byte) 1);
        assertThat(Tensor.halves("x", new float[] {0.5f, 65504}, 2).toFloats()).containsExactly(0.5f, 65504);
    }

    @Test
    void bytesAreLittleEndianWhateverTheBufferSays() {
        ByteBuffer big = ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3f});

        assertThat(Tensor.of("x", TensorType.FP32, big, 1).floats().get(0)).isEqualTo(1f);
        assertThat(Tensor.of("x", TensorType.BF16, ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x3f}), 1)
                        .toFloats())
                .containsExactly(1f);
    }

    @Test
    void aBufferIsTakenFromItsPositionToItsLimitAndNotMoved() {
        FloatBuffer buffer =
                FloatBuffer.wrap(new float[] {9, 1, 2, 9}).position(1).limit(3);

        assertThat(Tensor.of("x", buffer, 2).toFloats()).containsExactly(1, 2);
        assertThat(buffer.position()).isEqualTo(1);
    }

    @Test
    void aScalarHasNoDimensions() {
        assertThat(Tensor.of("x", new float[] {1}).shape()).isEmpty();
    }

    @Test
    void aShapeThatDoesNotFitIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", new float[3], 2, 2))
                .withMessage("tensor x: FP32[2, 2] has 4 elements of 4 bytes, and 12 bytes were given");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", new float[3], -1, 3))
                .withMessageContaining("negative dimension");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", new float[3], Long.MAX_VALUE, 3))
                .withMessageContaining("too large");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", TensorType.FP32, ByteBuffer.allocate(5), 1))
                .withMessageContaining("5 bytes were given");
    }

    @Test
    void aViewOfAnotherTypeIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.of("mask", new long[] {1}, 1).floats())
                .withMessage("tensor mask INT64[1] cannot be read as [FP32]");
    }

    @Test
    void textsAreLengthAndBytesOneAfterTheOther() {
        Tensor texts = Tensor.of("x", new String[] {"a", "", "網"}, 3);

        assertThat(texts.type()).isEqualTo(TensorType.BYTES);
        byte[] encoded = new byte[texts.bytes().remaining()];
        texts.bytes().get(encoded);
        assertThat(encoded).containsExactly(1, 0, 0, 0, 'a', 0, 0, 0, 0, 3, 0, 0, 0, 0xe7, 0xb6, 0xb2);
        assertThat(texts.toStrings()).containsExactly("a", "", "網");
        assertThat(Tensor.of("y", TensorType.BYTES, ByteBuffer.wrap(encoded), 3).toByteStrings())
                .element(0)
                .isEqualTo(new byte[] {'a'});
        assertThat(Tensor.of("none", new String[0], 0).toStrings()).isEmpty();
    }

    @Test
    void textsThatAreNotWholeAreRefused() {
        ByteBuffer cut = ByteBuffer.wrap(new byte[] {5, 0, 0, 0, 'a'});
        ByteBuffer more = ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 'a', 7});
        ByteBuffer negative = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", TensorType.BYTES, cut, 1))
                .withMessage("tensor x BYTES[1]: element 0 has 5 bytes, and 1 are left");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", TensorType.BYTES, more, 1))
                .withMessageContaining("1 elements, and 1 were given with 1 bytes after them");
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.of("x", TensorType.BYTES, negative, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of("x", new String[] {"a"}, 2))
                .withMessageContaining("2 elements, and 1 were given");
        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.of("x", new String[] {"a"}, 1).toFloats());
    }
}
