package health.vantage.models.runner.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.Texts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a serialised {@code TensorProto}; field numbers are those of onnx.proto3. */
public final class TensorFile {
    private final List<Long> dims = new ArrayList<>();
    private final List<Number> numbers = new ArrayList<>();
    private final List<byte[]> texts = new ArrayList<>();
    private ByteString raw = ByteString.EMPTY;
    private int type;
    private String name = "";

    private TensorFile() {}

    /** @throws IOException when it is no tensor, such as a sequence */
    public static TensorFile read(Path file) throws IOException {
        TensorFile tensor = new TensorFile();
        CodedInputStream in = CodedInputStream.newInstance(Files.readAllBytes(file));
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            tensor.field(tag, in);
        }
        return tensor;
    }

    private void field(int tag, CodedInputStream in) throws IOException {
        switch (WireFormat.getTagFieldNumber(tag)) {
            case 1 -> packed(tag, in, () -> dims.add(in.readInt64()));
            case 2 -> type = in.readInt32();
            case 4 -> packed(tag, in, () -> numbers.add(in.readFloat()));
            case 5 -> packed(tag, in, () -> numbers.add(in.readInt32()));
            case 6 -> texts.add(in.readByteArray());
            case 7 -> packed(tag, in, () -> numbers.add(in.readInt64()));
            case 8 -> name = in.readString();
            case 9 -> raw = in.readBytes();
            case 10 -> packed(tag, in, () -> numbers.add(in.readDouble()));
            case 11 -> packed(tag, in, () -> numbers.add(in.readUInt64()));
            default -> in.skipField(tag);
        }
    }

    private interface Element {
        void read() throws IOException;
    }

    private static void packed(int tag, CodedInputStream in, Element element) throws IOException {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            element.read();
            return;
        }
        int outer = in.pushLimit(in.readRawVarint32());
        while (in.getBytesUntilLimit() > 0) {
            element.read();
        }
        in.popLimit(outer);
    }

    public String name() {
        return name;
    }

    /** @throws IllegalArgumentException for a type that cannot be served */
    public Tensor as(String tensorName, TensorPool pool) {
        DataType served = type();
        Shape shape = Shape.of(dims);
        if (served == DataType.BYTES) {
            byte[][] elements = texts.toArray(byte[][]::new);
            TensorBuffer buffer = pool.lend(Texts.size(elements));
            Texts.write(elements, buffer.bytes());
            return new Tensor(tensorName, served, shape, buffer);
        }
        TensorBuffer buffer = pool.lend(shape.bytes(served));
        ByteBuffer bytes = buffer.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (raw.isEmpty()) {
            numbers.forEach(number -> put(served, number, bytes));
        } else {
            raw.copyTo(bytes);
        }
        if (bytes.hasRemaining()) {
            buffer.close();
            throw new IllegalArgumentException("the file has too few elements for " + served + shape);
        }
        return new Tensor(tensorName, served, shape, buffer);
    }

    private DataType type() {
        return switch (type) {
            case 1 -> DataType.FP32;
            case 2 -> DataType.UINT8;
            case 3 -> DataType.INT8;
            case 4 -> DataType.UINT16;
            case 5 -> DataType.INT16;
            case 6 -> DataType.INT32;
            case 7 -> DataType.INT64;
            case 8 -> DataType.BYTES;
            case 9 -> DataType.BOOL;
            case 10 -> DataType.FP16;
            case 11 -> DataType.FP64;
            case 12 -> DataType.UINT32;
            case 13 -> DataType.UINT64;
            case 16 -> DataType.BF16;
            default -> throw new IllegalArgumentException("element type " + type + " of ONNX");
        };
    }

    private static void put(DataType type, Number number, ByteBuffer bytes) {
        switch (type.bytes()) {
            case 1 -> bytes.put(number.byteValue());
            case 2 -> bytes.putShort(number.shortValue());
            case 4 -> {
                if (type == DataType.FP32) {
                    bytes.putFloat(number.floatValue());
                } else {
                    bytes.putInt(number.intValue());
                }
            }
            default -> {
                if (type == DataType.FP64) {
                    bytes.putDouble(number.doubleValue());
                } else {
                    bytes.putLong(number.longValue());
                }
            }
        }
    }
}
