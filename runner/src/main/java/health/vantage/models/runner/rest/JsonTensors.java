package health.vantage.models.runner.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.Texts;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A tensor's {@code data} in JSON: flat or nested on the way in, flat on the way out, row-major. */
final class JsonTensors {
    private static final BigInteger UNSIGNED_LONG_MAX =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private JsonTensors() {}

    /** @throws IllegalArgumentException for a type that has no form in JSON, or an element that is not of its type */
    static ByteBuffer read(DataType type, JsonNode data) {
        List<JsonNode> elements = new ArrayList<>();
        flatten(data, elements);
        if (type == DataType.BYTES) {
            byte[][] texts = new byte[elements.size()][];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = text(elements.get(i)).getBytes(StandardCharsets.UTF_8);
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Texts.size(texts)));
            Texts.write(texts, bytes);
            return bytes;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(elements.size(), type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        elements.forEach(element -> put(type, element, bytes));
        return bytes.flip();
    }

    private static void flatten(JsonNode node, List<JsonNode> elements) {
        if (node.isArray()) {
            node.forEach(child -> flatten(child, elements));
        } else {
            elements.add(node);
        }
    }

    private static void put(DataType type, JsonNode element, ByteBuffer bytes) {
        switch (type) {
            case BOOL -> bytes.put((byte) (flag(element) ? 1 : 0));
            case INT8 -> bytes.put((byte) whole(type, element, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> bytes.put((byte) whole(type, element, 0, 0xff));
            case INT16 -> bytes.putShort((short) whole(type, element, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> bytes.putShort((short) whole(type, element, 0, 0xffff));
            case INT32 -> bytes.putInt((int) whole(type, element, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> bytes.putInt((int) whole(type, element, 0, 0xffffffffL));
            case INT64 -> bytes.putLong(whole(type, element, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> {
                if (!element.isIntegralNumber()
                        || element.bigIntegerValue().signum() < 0
                        || element.bigIntegerValue().compareTo(UNSIGNED_LONG_MAX) > 0) {
                    throw wrong(type, element);
                }
                bytes.putLong(element.bigIntegerValue().longValue());
            }
            case FP32 -> bytes.putFloat((float) number(type, element));
            case FP64 -> bytes.putDouble(number(type, element));
            case FP16, BF16 -> throw new IllegalArgumentException(type + " values must come as binary data");
            case BYTES -> throw new IllegalStateException("texts are read elsewhere");
        }
    }

    private static boolean flag(JsonNode element) {
        if (!element.isBoolean()) {
            throw wrong(DataType.BOOL, element);
        }
        return element.booleanValue();
    }

    private static long whole(DataType type, JsonNode element, long least, long most) {
        if (!element.isIntegralNumber() || !element.canConvertToLong()) {
            throw wrong(type, element);
        }
        long value = element.longValue();
        if (value < least || value > most) {
            throw wrong(type, element);
        }
        return value;
    }

    private static double number(DataType type, JsonNode element) {
        if (element.isNumber()) {
            return element.doubleValue();
        }
        // What is no number has no other form in JSON; so it is written as well.
        return switch (element.isTextual() ? element.textValue() : "") {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw wrong(type, element);
        };
    }

    private static String text(JsonNode element) {
        if (!element.isTextual()) {
            throw wrong(DataType.BYTES, element);
        }
        return element.textValue();
    }

    private static IllegalArgumentException wrong(DataType type, JsonNode element) {
        String shown = element.toString();
        return new IllegalArgumentException(
                (shown.length() > 40 ? shown.substring(0, 40) + "..." : shown) + " is no " + type);
    }

    /** Writes the array. */
    static void write(Tensor tensor, JsonGenerator json) throws IOException {
        ByteBuffer bytes = tensor.data().bytes().duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        json.writeStartArray();
        if (tensor.type() == DataType.BYTES) {
            for (String text : Texts.read(bytes, tensor.shape().elements())) {
                json.writeString(text);
            }
        } else {
            while (bytes.hasRemaining()) {
                write(tensor.type(), bytes, json);
            }
        }
        json.writeEndArray();
    }

    private static void write(DataType type, ByteBuffer bytes, JsonGenerator json) throws IOException {
        switch (type) {
            case BOOL -> json.writeBoolean(bytes.get() != 0);
            case INT8 -> json.writeNumber((int) bytes.get());
            case UINT8 -> json.writeNumber(Byte.toUnsignedInt(bytes.get()));
            case INT16 -> json.writeNumber((int) bytes.getShort());
            case UINT16 -> json.writeNumber(Short.toUnsignedInt(bytes.getShort()));
            case INT32 -> json.writeNumber(bytes.getInt());
            case UINT32 -> json.writeNumber(Integer.toUnsignedLong(bytes.getInt()));
            case INT64 -> json.writeNumber(bytes.getLong());
            case UINT64 -> json.writeNumber(new BigInteger(Long.toUnsignedString(bytes.getLong())));
            case FP16 -> json.writeNumber(Float.float16ToFloat(bytes.getShort()));
            case BF16 -> json.writeNumber(Float.intBitsToFloat(bytes.getShort() << 16));
            case FP32 -> json.writeNumber(bytes.getFloat());
            case FP64 -> json.writeNumber(bytes.getDouble());
            case BYTES -> throw new IllegalStateException("texts are written elsewhere");
        }
    }
}
