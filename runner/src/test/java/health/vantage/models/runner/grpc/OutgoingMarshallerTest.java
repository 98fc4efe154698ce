package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutgoingMarshallerTest {
    private static final ModelInferResponse MESSAGE = ModelInferResponse.newBuilder()
            .setModelName("text-detection")
            .setId("7")
            .build();

    private final OutgoingMarshaller<ModelInferResponse> marshaller =
            new OutgoingMarshaller<>(ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER);

    @Test
    void theTensorsFollowTheMessageInTheirOrderEmptyOnesIncluded() throws IOException {
        List<ByteBuffer> values = List.of(direct(1, 3), direct(2, 0), direct(3, 200_000));

        ModelInferResponse read = ModelInferResponse.parseFrom(drained(values));

        assertThat(read.getModelName()).isEqualTo("text-detection");
        assertThat(read.getId()).isEqualTo("7");
        assertThat(read.getRawOutputContentsList()).containsExactly(filled(1, 3), filled(2, 0), filled(3, 200_000));
    }

    @Test
    void readingItPieceByPieceGivesTheSameBytes() throws IOException {
        List<ByteBuffer> values = List.of(direct(1, 70_000), direct(2, 5));
        byte[] drained = drained(values);

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (InputStream stream = marshaller.stream(new Outgoing<>(MESSAGE, values))) {
            read.write(stream.read());
            read.write(stream.readNBytes(100));
            stream.transferTo(read);
            assertThat(stream.read()).isEqualTo(-1);
        }

        assertThat(read.toByteArray()).isEqualTo(drained);
    }

    @Test
    void itsLengthIsKnownBeforehandAndTheTensorsStayAsTheyAre() throws IOException {
        ByteBuffer value = direct(1, 100_000);

        InputStream stream = marshaller.stream(new Outgoing<>(MESSAGE, List.of(value)));
        int known = ((KnownLength) stream).available();

        assertThat(drained(List.of(value))).hasSize(known);
        assertThat(value.remaining()).isEqualTo(100_000);
    }

    private byte[] drained(List<ByteBuffer> values) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ((Drainable) marshaller.stream(new Outgoing<>(MESSAGE, values))).drainTo(out);
        return out.toByteArray();
    }

    private static ByteBuffer direct(int value, int size) {
        return ByteBuffer.allocateDirect(size)
                .put(filled(value, size).asReadOnlyByteBuffer())
                .flip();
    }

    private static ByteString filled(int value, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return ByteString.copyFrom(bytes);
    }
}
