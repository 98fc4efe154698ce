package health.vantage.models.runner.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Protobuf messages by field number: all that writing a small ONNX file takes, without its schema. */
final class Proto {
    private final UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();

    static Proto message() {
        return new Proto();
    }

    Proto text(int field, String value) {
        return bytes(field, ByteString.copyFrom(value, StandardCharsets.UTF_8));
    }

    Proto bytes(int field, ByteString value) {
        fields.mergeField(field, Field.newBuilder().addLengthDelimited(value).build());
        return this;
    }

    Proto number(int field, long value) {
        fields.mergeField(field, Field.newBuilder().addVarint(value).build());
        return this;
    }

    Proto message(int field, Proto value) {
        return bytes(field, value.build().toByteString());
    }

    Proto messages(int field, List<Proto> values) {
        values.forEach(value -> message(field, value));
        return this;
    }

    UnknownFieldSet build() {
        return fields.build();
    }
}
