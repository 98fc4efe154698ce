package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.serve.PooledPayload;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import io.grpc.HasByteBuffer;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SplitMarshallerTest {
    private static final int LIMIT = 1 << 20;

    private final TensorPool pool = new TensorPool(LIMIT);
    private final SplitMarshaller<InferRequest> seed =
            new SplitMarshaller<>(InferRequest.parser(), InferRequest.INPUT_TENSOR_FIELD_NUMBER, pool, LIMIT);

    @AfterEach
    void nothingIsLeftLent() {
        assertThat(pool.lentBytes()).isZero();
    }

    @Test
    void theTensorIsReadApartAndTheRestAsItCame() {
        byte[] values = random(100_000);
        InferRequest request = InferRequest.newBuilder()
                .setModelName("retina")
                .setInputTensor(ByteString.copyFrom(values))
                .putMetadata("shape", "1,3")
                .build();

        for (InputStream stream : new InputStream[] {
            new ByteArrayInputStream(request.toByteArray()), new Frames(request.toByteArray(), 16_384)
        }) {
            try (Split<InferRequest> split = seed.read(stream)) {
                assertThat(split.message())
                        .isEqualTo(request.toBuilder().clearInputTensor().build());
                assertThat(split.tensors()).hasSize(1);
                try (TensorBuffer taken = split.tensors().getFirst().take(pool)) {
                    assertThat(ByteString.copyFrom(taken.bytes())).isEqualTo(request.getInputTensor());
                }
            }
        }
    }

    @Test
    void severalTensorsKeepTheirOrder() {
        var marshaller = new SplitMarshaller<>(
                ModelInferRequest.parser(), ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER, pool, LIMIT);
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .addRawInputContents(ByteString.copyFromUtf8("first"))
                .setModelName("two")
                .addRawInputContents(ByteString.EMPTY)
                .addRawInputContents(ByteString.copyFromUtf8("third"))
                .build();

        try (Split<ModelInferRequest> split = marshaller.read(new ByteArrayInputStream(request.toByteArray()))) {
            assertThat(split.message().getModelName()).isEqualTo("two");
            assertThat(split.tensors()).extracting(PooledPayload::size).containsExactly(5, 0, 5);
        }
    }

    @Test
    void everyCutAndManyScramblesAreRefusedOrReadAndNothingStaysLent() {
        byte[] whole = InferRequest.newBuilder()
                .setModelName("retina")
                .setInputTensor(ByteString.copyFrom(random(50)))
                .putMetadata("shape", "1,3")
                .build()
                .toByteArray();
        for (int cut = 0; cut < whole.length; cut++) {
            readOrRefuse(Arrays.copyOf(whole, cut));
        }
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] scrambled = whole.clone();
            scrambled[random.nextInt(scrambled.length)] = (byte) random.nextInt();
            scrambled[random.nextInt(scrambled.length)] = (byte) random.nextInt();
            readOrRefuse(scrambled);
        }
    }

    @Test
    void aFieldThatPromisesMoreThanAMessageMayHoldIsRefusedBeforeMemoryIsLent() {
        byte[] promise = {(byte) (2 << 3 | 2), (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07};

        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> seed.read(new ByteArrayInputStream(promise)))
                .withMessageContaining("a field of 2147483647 bytes; at most 1048576 are taken");
    }

    private void readOrRefuse(byte[] bytes) {
        try (Split<InferRequest> split = seed.read(new Frames(bytes, 7))) {
            assertThat(split.tensors()).allSatisfy(one -> assertThat(one.size()).isLessThanOrEqualTo(bytes.length));
        } catch (StatusRuntimeException refused) {
            assertThat(refused).hasMessageContaining("not a well-formed message");
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** As Netty's buffers come: HTTP/2 frames one after the other. */
    private static final class Frames extends ByteArrayInputStream implements HasByteBuffer {
        private final int frame;

        Frames(byte[] bytes, int frame) {
            super(bytes);
            this.frame = frame;
        }

        @Override
        public boolean byteBufferSupported() {
            return true;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            int end = Math.min(count, (pos / frame + 1) * frame);
            return pos == count ? null : ByteBuffer.wrap(buf, pos, end - pos).slice();
        }
    }
}
