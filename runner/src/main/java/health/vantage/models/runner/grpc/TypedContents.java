package health.vantage.models.runner.grpc;

import health.vantage.models.runner.proto.v2.InferTensorContents;
import health.vantage.models.runner.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values that a caller sent one by one instead of as raw bytes; simple clients do that for small tensors. */
final class TypedContents {
    private TypedContents() {}

    /** @throws IllegalArgumentException for a type that the protocol has no typed contents for */
    static ByteBuffer bytes(DataType type, InferTensorContents contents) {
        return switch (type) {
            case BOOL -> {
                ByteBuffer bytes = buffer(contents.getBoolContentsCount(), type);
                contents.getBoolContentsList().forEach(value -> bytes.put((byte) (value ? 1 : 0)));
                yield bytes.flip();
            }
            case INT8 -> narrow(type, contents);
            case INT16 -> {
                ByteBuffer bytes = buffer(contents.getIntContentsCount(), type);
                contents.getIntContentsList().forEach(value -> bytes.putShort(value.shortValue()));
                yield bytes.flip();
            }
            case INT32 -> {
                ByteBuffer bytes = buffer(contents.getIntContentsCount(), type);
                contents.getIntContentsList().forEach(bytes::putInt);
                yield bytes.flip();
            }
            case INT64 -> {
                ByteBuffer bytes = buffer(contents.getInt64ContentsCount(), type);
                contents.getInt64ContentsList().forEach(bytes::putLong);
                yield bytes.flip();
            }
            case UINT8 -> {
                ByteBuffer bytes = buffer(contents.getUintContentsCount(), type);
                contents.getUintContentsList().forEach(value -> bytes.put(value.byteValue()));
                yield bytes.flip();
            }
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
            case UINT16, UINT32, UINT64, FP16, BF16 ->
                throw new IllegalArgumentException(type + " values must come in raw_input_contents");
        };
    }

    private static ByteBuffer narrow(DataType type, InferTensorContents contents) {
        ByteBuffer bytes = buffer(contents.getIntContentsCount(), type);
        contents.getIntContentsList().forEach(value -> bytes.put(value.byteValue()));
        return bytes.flip();
    }

    private static ByteBuffer buffer(int elements, DataType type) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }
}
