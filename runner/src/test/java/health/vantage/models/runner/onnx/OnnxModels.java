package health.vantage.models.runner.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/** Small ONNX models with one property each; the bytes of an {@code .onnx} file. */
public final class OnnxModels {
    /** Of one multiplication, by size. */
    private static final Map<Integer, Long> STEP_NANOS = new ConcurrentHashMap<>();

    private OnnxModels() {}

    /** {@code y = x}; -1 for open dimensions. */
    public static byte[] identity(long... shape) {
        return new OnnxGraph()
                .input("x", shape)
                .output("y", shape)
                .node("Identity", List.of("x"), "y")
                .bytes();
    }

    /** {@code y = x * factor}: two versions that can be told apart by their answers. */
    public static byte[] scale(float factor, long... shape) {
        return new OnnxGraph()
                .input("x", shape)
                .output("y", shape)
                .constant("factor", new float[] {factor}, 1)
                .node("Mul", List.of("x", "factor"), "y")
                .bytes();
    }

    /**
     * A 1x1 convolution with ReLU, {@code [1,3,height,width]} to {@code [1,128,height,width]}: the shapes of the first Vantage
     * models, in 2 KB of weights.
     */
    public static byte[] conv128(long height, long width) {
        float[] weights = new float[128 * 3];
        Random random = new Random(128);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat() - 0.5f;
        }
        return new OnnxGraph()
                .input("x", 1, 3, height, width)
                .output("y", 1, 128, height, width)
                .constant("weights", weights, 128, 3, 1, 1)
                .node("Conv", List.of("x", "weights"), "conv")
                .node("Relu", List.of("conv"), "y")
                .bytes();
    }

    /** {@code tokens [1,n], mask [1,n] -> y [1,1]}: fails where the two are not of one length. */
    public static byte[] dotProduct() {
        return new OnnxGraph()
                .input("tokens", 1, -1)
                .input("mask", 1, -1)
                .output("y", 1, 1)
                .node(OnnxGraph.nodeOf("Gemm", List.of("tokens", "mask"), "y", OnnxGraph.attribute("transB", 1)))
                .bytes();
    }

    /** {@code y = x}, failing at run time as soon as one element of {@code x} is above {@code limit}. */
    public static byte[] failsAbove(float limit, long... shape) {
        OnnxGraph graph = new OnnxGraph().input("x", shape).output("y", shape);
        return OnnxSurgery.guard(graph, "x", "y", limit).bytes();
    }

    /** {@code y} is not-a-number everywhere, for every input. */
    public static byte[] nan(long... shape) {
        return new OnnxGraph()
                .input("x", shape)
                .output("y", shape)
                .constant("minusOne", new float[] {-1}, 1)
                .node("Abs", List.of("x"), "absolute")
                .node("Neg", List.of("absolute"), "negative")
                .node("Add", List.of("negative", "minusOne"), "belowZero")
                .node("Sqrt", List.of("belowZero"), "y")
                .bytes();
    }

    /**
     * {@code x [size,size] -> y}, zeros from zeros, in about {@code time} or more on this machine, whose speed is measured once: a fixed
     * number of steps that takes a second here is over on another before anybody has looked.
     */
    public static byte[] slow(int size, Duration time) {
        return multiplications(
                size, (int) Math.max(2, time.toNanos() / STEP_NANOS.computeIfAbsent(size, OnnxModels::step)));
    }

    private static long step(int size) {
        int steps = 50;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(multiplications(size, steps));
                OnnxTensor zeros = OnnxTensor.createTensor(environment, new float[size][size])) {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                session.run(Map.of("x", zeros)).close();
                best = Math.min(best, System.nanoTime() - start);
            }
            return Math.max(1, best / steps);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] multiplications(int size, int steps) {
        OnnxGraph graph = new OnnxGraph().input("x", size, size).output("y", size, size);
        String from = "x";
        for (int i = 0; i < steps; i++) {
            String to = i == steps - 1 ? "y" : "step" + i;
            graph.node("MatMul", List.of(from, "x"), to);
            from = to;
        }
        return graph.bytes();
    }

    /** {@code x [1] -> y [elements]}: takes {@code elements * 4} bytes at its first run. */
    public static byte[] memoryHungry(long elements) {
        return new OnnxGraph()
                .input("x", 1)
                .output("y", 1)
                .shapeConstant("size", elements)
                .node("Expand", List.of("x", "size"), "large")
                .node("Exp", List.of("large"), "larger")
                .node(OnnxGraph.nodeOf("ReduceMax", List.of("larger"), "y", OnnxGraph.attribute("keepdims", 1)))
                .bytes();
    }

    /** {@code x [1] -> y [1]}: a run takes about {@code x * 8} bytes, which ONNX Runtime keeps for the next. */
    public static byte[] memoryByRequest() {
        return new OnnxGraph()
                .input("x", 1)
                .output("y", 1)
                .constant("one", new float[] {1}, 1)
                .node("Add", List.of("x", "one"), "wanted")
                .cast("wanted", OnnxGraph.INT64, "size")
                .node("Expand", List.of("x", "size"), "large")
                .node("Exp", List.of("large"), "larger")
                .node(OnnxGraph.nodeOf("ReduceMax", List.of("larger"), "y", OnnxGraph.attribute("keepdims", 1)))
                .bytes();
    }
}
