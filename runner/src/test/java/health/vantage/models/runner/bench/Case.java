package health.vantage.models.runner.bench;

import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.samples.TextPicture;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * One model with the request that is sent again and again.
 *
 * @param onnx its file
 * @param callers how many at once, in turn
 * @param slice how long each way is measured in one round
 */
record Case(String name, Path onnx, List<Input> inputs, Output output, List<Integer> callers, Duration slice) {
    /** @param bytes little-endian, row-major */
    record Input(String name, DataType type, Shape shape, ByteBuffer bytes) {}

    /** The first output, FP32. */
    record Output(String name, Shape shape) {
        long bytes() {
            return shape.bytes(DataType.FP32);
        }
    }

    /** cls again, with requests joined. */
    static final String BATCHED = "batched";

    private static final int TOKENS = 128;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final List<Integer> CALLERS = List.of(1, 2, 8);

    /** @param models the folder of {@code hack/fetch-models}, with {@code minilm.onnx} of {@code hack/fetch-bench} */
    static List<Case> all(Path models, Path work) throws IOException {
        Path out128 = Files.write(work.resolve("out128.onnx"), OnnxModels.conv128(512, 512));
        Path identity = Files.write(work.resolve("small.onnx"), OnnxModels.identity(16));
        return List.of(
                new Case(
                        "det",
                        models.resolve(RealModels.DET),
                        List.of(floats("x", Shape.of(1, 3, 512, 512), TextPicture.of("RETINA 42", 512, 512))),
                        new Output("sigmoid_0.tmp_0", Shape.of(1, 1, 512, 512)),
                        CALLERS,
                        SECOND.multipliedBy(2)),
                new Case(
                        "cls",
                        models.resolve(RealModels.CLS),
                        List.of(floats("x", Shape.of(1, 3, 48, 192), TextPicture.of("text", 48, 192))),
                        new Output("softmax_0.tmp_0", Shape.of(1, 2)),
                        CALLERS,
                        SECOND),
                new Case(
                        BATCHED,
                        models.resolve(RealModels.CLS),
                        List.of(floats("x", Shape.of(1, 3, 48, 192), TextPicture.of("text", 48, 192))),
                        new Output("softmax_0.tmp_0", Shape.of(1, 2)),
                        List.of(8),
                        SECOND),
                new Case(
                        "minilm",
                        models.resolve("minilm.onnx"),
                        List.of(
                                tokens("input_ids", i -> 2000 + i),
                                tokens("attention_mask", _ -> 1),
                                tokens("token_type_ids", _ -> 0)),
                        new Output("last_hidden_state", Shape.of(1, TOKENS, 384)),
                        CALLERS,
                        SECOND),
                new Case(
                        "out128",
                        out128,
                        List.of(floats("x", Shape.of(1, 3, 512, 512), Floats.filled(3 * 512 * 512, 0.5f))),
                        new Output("y", Shape.of(1, 128, 512, 512)),
                        List.of(1, 2),
                        SECOND.multipliedBy(2)),
                new Case(
                        "small",
                        identity,
                        List.of(floats("x", Shape.of(16), Floats.filled(16, 1))),
                        new Output("y", Shape.of(16)),
                        CALLERS,
                        SECOND));
    }

    /** As many bytes there and back as an image has, and no model to speak of: measured by nobody. */
    static Case copies(Path work) throws IOException {
        int elements = 3 * 512 * 512;
        Path identity = Files.write(work.resolve("copies.onnx"), OnnxModels.identity(elements));
        return new Case(
                "copies",
                identity,
                List.of(floats("x", Shape.of(elements), Floats.filled(elements, 1))),
                new Output("y", Shape.of(elements)),
                List.of(2),
                SECOND.multipliedBy(8));
    }

    private static Input floats(String name, Shape shape, ByteBuffer bytes) {
        return new Input(name, DataType.FP32, shape, direct(bytes));
    }

    /** INT64[1,128]. */
    private static Input tokens(String name, IntUnaryOperator value) {
        ByteBuffer bytes = ByteBuffer.allocate(TOKENS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < TOKENS; i++) {
            bytes.putLong(value.applyAsInt(i));
        }
        return new Input(name, DataType.INT64, Shape.of(1, TOKENS), direct(bytes.flip()));
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(bytes.duplicate());
        return direct.clear();
    }
}
