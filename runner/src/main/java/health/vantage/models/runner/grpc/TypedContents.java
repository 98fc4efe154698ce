package health.vantage.models.runner.grpc;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.v2.InferTensorContents;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Texts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Values that a caller sent one by one instead of as raw bytes; simple clients do that for small tensors. */
final class TypedContents {
    private TypedContents() {}

    /** @throws IllegalArgumentException for a type that the protocol has no typed contents for, or a value beyond its type */
    static ByteBuffer bytes(DataType type, InferTensorContents contents) {
        return switch (type) {
            case BOOL -> {
                ByteBuffer bytes = buffer(contents.getBoolContentsCount(), type);
                contents.getBoolContentsList().forEach(value -> bytes.put((byte) (value ? 1 : 0)));
                yield bytes.flip();
            }
            case INT8 -> narrow(type, contents.getIntContentsList(), Byte.MIN_VALUE, Byte.MAX_VALUE);
            case INT16 -> narrow(type, contents.getIntContentsList(), Short.MIN_VALUE, Short.MAX_VALUE);
            case UINT8 -> narrow(type, contents.getUintContentsList(), 0, 0xff);
            case UINT16 -> narrow(type, contents.getUintContentsList(), 0, 0xffff);
            case INT32 -> wide(type, contents.getIntContentsList());
            case UINT32 -> wide(type, contents.getUintContentsList());
            case INT64 -> longs(type, contents.getInt64ContentsList());
            case UINT64 -> longs(type, contents.getUint64ContentsList());
            case FP32 -> {
                ByteBuffer bytes = buffer(contents.getFp32ContentsCount(), type);
                contents.getFp32ContentsList().forEach(bytes::putFloat);
                yield bytes.flip();
            }
            case FP64 -> {
                ByteBuffer bytes = buffer(contents.getFp64ContentsCount(), type);
                contents.getFp64ContentsList().forEach(bytes::putDouble);
                yield bytes.flip();
            }
            case BYTES -> {
                byte[][] elements = contents.getBytesContentsList().stream()
                        .map(ByteString::toByteArray)
                        .toArray(byte[][]::new);
                ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Texts.size(elements)));
                Texts.write(elements, bytes);
                yield bytes;
            }
            case FP16, BF16 -> throw new IllegalArgumentException(type + " values must come in raw_input_contents");
        };
    }

    private static ByteBuffer narrow(DataType type, List<Integer> values, int least, int most) {
        ByteBuffer bytes = buffer(values.size(), type);
        for (int value : values) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(Integer.toUnsignedLong(value) + " is no " + type);
            }
            if (type.bytes() == 1) {
                bytes.put((byte) value);
            } else {
                bytes.putShort((short) value);
            }
        }
        return bytes.flip();
    }

    private static ByteBuffer wide(DataType type, List<Integer> values) {
        ByteBuffer bytes = buffer(values.size(), type);
        values.forEach(bytes::putInt);
        return bytes.flip();
    }

    private static ByteBuffer longs(DataType type, List<Long> values) {
        ByteBuffer bytes = buffer(values.size(), type);
        values.forEach(bytes::putLong);
        return bytes.flip();
    }

    private static ByteBuffer buffer(int elements, DataType type) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }
}
