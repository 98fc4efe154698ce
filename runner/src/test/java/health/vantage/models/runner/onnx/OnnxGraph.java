package health.vantage.models.runner.onnx;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes small ONNX models. Field numbers are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3); opset 13,
 * IR version 8.
 */
public final class OnnxGraph {
    static final int FLOAT = 1;
    public static final int INT64 = 7;
    public static final int UINT8 = 2;
    public static final int INT8 = 3;
    public static final int UINT16 = 4;
    public static final int INT16 = 5;
    public static final int INT32 = 6;
    public static final int STRING = 8;
    public static final int BOOL = 9;
    public static final int FLOAT16 = 10;
    public static final int DOUBLE = 11;
    public static final int UINT32 = 12;
    public static final int UINT64 = 13;
    public static final int BFLOAT16 = 16;
    private static final long OPSET = 13;

    private final List<Proto> nodes = new ArrayList<>();
    private final List<Proto> constants = new ArrayList<>();
    private final List<Proto> inputs = new ArrayList<>();
    private final List<Proto> outputs = new ArrayList<>();

    /** A float input; -1 where a dimension is open. */
    public OnnxGraph input(String name, long... shape) {
        inputs.add(value(name, FLOAT, shape));
        return this;
    }

    /** An input of any element type; -1 where a dimension is open. */
    public OnnxGraph typedInput(String name, int type, long... shape) {
        inputs.add(value(name, type, shape));
        return this;
    }

    /** An output of any element type; -1 where a dimension is open. */
    public OnnxGraph typedOutput(String name, int type, long... shape) {
        outputs.add(value(name, type, shape));
        return this;
    }

    /** A float output; -1 where a dimension is open. */
    public OnnxGraph output(String name, long... shape) {
        outputs.add(value(name, FLOAT, shape));
        return this;
    }

    /** An operator without attributes and with one output. */
    public OnnxGraph node(String operator, List<String> from, String to) {
        return node(nodeOf(operator, from, to));
    }

    /** Converts to another element type. */
    public OnnxGraph cast(String from, int type, String to) {
        return node(nodeOf("Cast", List.of(from), to, attribute("to", type)));
    }

    /** The sum of all elements, as {@code [1]}. */
    public OnnxGraph reduceSum(String from, String to) {
        shapeConstant(to + "_axis", 0);
        return node(nodeOf("ReduceSum", List.of(from, to + "_axis"), to, attribute("keepdims", 1)));
    }

    /** An operator of two inputs and two outputs. */
    public OnnxGraph twoOutputs(String operator, String first, String second, String to, String alsoTo) {
        return node(nodeOf(operator, List.of(first, second), to).text(2, alsoTo));
    }

    OnnxGraph node(Proto node) {
        nodes.add(node);
        return this;
    }

    public OnnxGraph constant(String name, float[] values, long... shape) {
        constants.add(constantOf(name, values, shape));
        return this;
    }

    /** A one-dimensional int64 constant, as Expand and Reshape take for a shape. */
    public OnnxGraph shapeConstant(String name, long... dims) {
        ByteBuffer raw = ByteBuffer.allocate(dims.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(dims);
        constants.add(Proto.message()
                .number(1, dims.length)
                .number(2, INT64)
                .text(8, name)
                .bytes(9, ByteString.copyFrom(raw)));
        return this;
    }

    public byte[] bytes() {
        Proto graph = Proto.message()
                .messages(1, nodes)
                .text(2, "test")
                .messages(5, constants)
                .messages(11, inputs)
                .messages(12, outputs);
        return Proto.message()
                .number(1, 8)
                .text(2, "vantage-tests")
                .message(7, graph)
                .message(8, Proto.message().text(1, "").number(2, OPSET))
                .build()
                .toByteArray();
    }

    OnnxGraph constant(Proto constant) {
        constants.add(constant);
        return this;
    }

    static Proto nodeOf(String operator, List<String> from, String to, Proto... attributes) {
        Proto node = Proto.message();
        from.forEach(name -> node.text(1, name));
        return node.text(2, to).text(3, to + "_node").text(4, operator).messages(5, List.of(attributes));
    }

    static Proto constantOf(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        Proto tensor = Proto.message();
        for (long dim : shape) {
            tensor.number(1, dim);
        }
        return tensor.number(2, FLOAT).text(8, name).bytes(9, ByteString.copyFrom(raw));
    }

    /** An integer attribute of a node, such as {@code to} of Cast. */
    static Proto attribute(String name, long value) {
        return Proto.message().text(1, name).number(3, value).number(20, 2);
    }

    private static Proto value(String name, int type, long... shape) {
        Proto dims = Proto.message();
        for (int i = 0; i < shape.length; i++) {
            dims.message(
                    1,
                    shape[i] < 0
                            ? Proto.message().text(2, name + "_" + i)
                            : Proto.message().number(1, shape[i]));
        }
        Proto tensorType = Proto.message().number(1, type).message(2, dims);
        return Proto.message().text(1, name).message(2, Proto.message().message(1, tensorType));
    }
}
