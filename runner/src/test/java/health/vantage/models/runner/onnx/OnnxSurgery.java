package health.vantage.models.runner.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends nodes to a real model, so that a release can be made that passes every check on a blank picture and fails on a real one:
 * the kind of fault that only a soak finds.
 */
public final class OnnxSurgery {
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_CONSTANT = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_OUTPUT = 2;

    private OnnxSurgery() {}

    /**
     * The same model, which fails at run time as soon as one element of {@code output} is above {@code limit}.
     *
     * @param model the bytes of an ONNX file
     * @param output the name of a float output, which keeps its name, type and shape
     */
    public static byte[] failsAbove(byte[] model, String output, float limit) {
        return rewire(model, output, (raw, nodes, constants) -> {
            constants.addAll(guardConstants(output, limit));
            nodes.addAll(guardNodes(raw, output));
        });
    }

    /** The same model with {@code output} multiplied by {@code factor}: another version, or with a wrong factor a golden sample that fails. */
    public static byte[] scaled(byte[] model, String output, float factor) {
        return rewire(model, output, (raw, nodes, constants) -> {
            constants.add(OnnxGraph.constantOf(output + "_factor", new float[] {factor}, 1));
            nodes.add(OnnxGraph.nodeOf("Mul", List.of(raw, output + "_factor"), output));
        });
    }

    private interface Extension {
        void append(String raw, List<Proto> nodes, List<Proto> constants);
    }

    private static byte[] rewire(byte[] model, String output, Extension extension) {
        String raw = output + "_before";
        List<Proto> nodes = new ArrayList<>();
        List<Proto> constants = new ArrayList<>();
        extension.append(raw, nodes, constants);
        UnknownFieldSet file = parse(ByteString.copyFrom(model));
        UnknownFieldSet graph =
                parse(file.getField(MODEL_GRAPH).getLengthDelimitedList().getFirst());

        Field.Builder allNodes = Field.newBuilder();
        boolean found = false;
        for (ByteString node : graph.getField(GRAPH_NODE).getLengthDelimitedList()) {
            ByteString renamed = rename(node, output, raw);
            found |= renamed != node;
            allNodes.addLengthDelimited(renamed);
        }
        if (!found) {
            throw new IllegalArgumentException("no node of the model computes \"" + output + "\"");
        }
        nodes.forEach(node -> allNodes.addLengthDelimited(node.build().toByteString()));
        Field.Builder allConstants = Field.newBuilder().mergeFrom(graph.getField(GRAPH_CONSTANT));
        constants.forEach(
                constant -> allConstants.addLengthDelimited(constant.build().toByteString()));
        UnknownFieldSet changed = graph.toBuilder()
                .addField(GRAPH_NODE, allNodes.build())
                .addField(GRAPH_CONSTANT, allConstants.build())
                .build();
        return file.toBuilder()
                .addField(
                        MODEL_GRAPH,
                        Field.newBuilder()
                                .addLengthDelimited(changed.toByteString())
                                .build())
                .build()
                .toByteArray();
    }

    /** The same instance when the node does not mention the name. */
    private static ByteString rename(ByteString node, String from, String to) {
        UnknownFieldSet fields = parse(node);
        ByteString old = ByteString.copyFrom(from, StandardCharsets.UTF_8);
        boolean mentioned = fields.getField(NODE_INPUT).getLengthDelimitedList().contains(old)
                || fields.getField(NODE_OUTPUT).getLengthDelimitedList().contains(old);
        if (!mentioned) {
            return node;
        }
        UnknownFieldSet.Builder changed = fields.toBuilder();
        for (int field : new int[] {NODE_INPUT, NODE_OUTPUT}) {
            Field.Builder names = Field.newBuilder();
            fields.getField(field)
                    .getLengthDelimitedList()
                    .forEach(name -> names.addLengthDelimited(
                            name.equals(old) ? ByteString.copyFrom(to, StandardCharsets.UTF_8) : name));
            changed.addField(field, names.build());
        }
        return changed.build().toByteString();
    }

    static OnnxGraph guard(OnnxGraph graph, String from, String to, float limit) {
        guardConstants(to, limit).forEach(graph::constant);
        guardNodes(from, to).forEach(graph::node);
        return graph;
    }

    private static List<Proto> guardConstants(String to, float limit) {
        return List.of(
                OnnxGraph.constantOf(to + "_limit", new float[] {limit}, 1),
                OnnxGraph.constantOf(to + "_zeros", new float[] {0}, 1));
    }

    /** An index of 0 or 1 into a table of one element: which one it is depends on the data, so no optimiser sees the fault coming. */
    private static List<Proto> guardNodes(String from, String to) {
        return List.of(
                OnnxGraph.nodeOf("ReduceMax", List.of(from), to + "_max", OnnxGraph.attribute("keepdims", 0)),
                OnnxGraph.nodeOf("Greater", List.of(to + "_max", to + "_limit"), to + "_above"),
                OnnxGraph.nodeOf(
                        "Cast", List.of(to + "_above"), to + "_index", OnnxGraph.attribute("to", OnnxGraph.INT64)),
                OnnxGraph.nodeOf("Gather", List.of(to + "_zeros", to + "_index"), to + "_zero"),
                OnnxGraph.nodeOf("Add", List.of(from, to + "_zero"), to));
    }

    private static UnknownFieldSet parse(ByteString bytes) {
        try {
            return UnknownFieldSet.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not an ONNX model", e);
        }
    }
}
