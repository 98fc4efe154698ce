package health.vantage.models.runner.backend.tensorrt;

import static org.bytedeco.tensorrt.global.nvinfer.createInferBuilder;
import static org.bytedeco.tensorrt.global.nvonnxparser.createParser;

import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import health.vantage.models.runner.backend.onnx.OnnxCpuBackend;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvonnxparser.IParser;

/**
 * For a machine with a GPU ({@code hack/gpu-check}): builds an engine from a small ONNX model, runs it through the backend, and compares with ONNX
 * Runtime on the CPU. It has not been run yet: there was no GPU where it was written.
 */
public final class GpuCheck {
    private static final int WIDTH = 4;
    private static final float TOLERANCE = 1e-3f;

    private GpuCheck() {}

    public static void main(String[] arguments) throws Exception {
        Backend tensorRt = new TensorRtBackend();
        if (tensorRt.probe() instanceof Availability.Unavailable(String reason)) {
            System.err.println(reason);
            System.exit(2);
        }
        Path folder =
                Files.createDirectories(Files.createTempDirectory("gpu-check-").resolve("models"));
        byte[] onnx = OnnxModels.scale(2, WIDTH);
        Files.write(folder.resolve("model.onnx"), onnx);
        build(onnx, folder.resolve("model.plan"));
        float[] expected = ask(new OnnxCpuBackend(), folder.getParent());
        float[] got = ask(tensorRt, folder.getParent());
        System.out.println("ONNX Runtime on the CPU: " + Arrays.toString(expected));
        System.out.println("TensorRT on the GPU:     " + Arrays.toString(got));
        for (int i = 0; i < WIDTH; i++) {
            if (Math.abs(expected[i] - got[i]) > TOLERANCE) {
                System.err.println("they differ at element " + i);
                System.exit(1);
            }
        }
        System.out.println("they agree within " + TOLERANCE);
    }

    private static void build(byte[] onnx, Path plan) throws IOException {
        try (TensorRtLog log = new TensorRtLog();
                BytePointer bytes = new BytePointer(onnx)) {
            IBuilder builder = createInferBuilder(log);
            INetworkDefinition network = builder.createNetworkV2(0);
            IParser parser = createParser(network, log);
            if (!parser.parse(bytes, onnx.length)) {
                throw new IllegalStateException("TensorRT cannot read the ONNX model" + log.said());
            }
            IBuilderConfig config = builder.createBuilderConfig();
            IHostMemory built = builder.buildSerializedNetwork(network, config);
            if (built == null || built.isNull()) {
                throw new IllegalStateException("TensorRT cannot build an engine" + log.said());
            }
            byte[] file = new byte[Math.toIntExact(built.size())];
            new BytePointer(built.data()).get(file);
            Files.write(plan, file);
            built.deallocate();
            config.deallocate();
            parser.deallocate();
            network.deallocate();
            builder.deallocate();
        }
    }

    private static float[] ask(Backend backend, Path folder) throws Exception {
        backend.probe();
        Declared declared = new Declared("check", "1", "any", "fp32", 64, Optional.empty(), List.of());
        ModelFiles files = ModelFiles.find(folder, backend.fileSuffix(), declared);
        try (TensorPool pool = new TensorPool(0);
                LoadedModel model = backend.load(files, new LoadOptions(1))) {
            TensorBuffer buffer = pool.lend(WIDTH * Float.BYTES);
            for (int i = 0; i < WIDTH; i++) {
                buffer.bytes().putFloat(i * Float.BYTES, i + 0.5f);
            }
            String input = model.inputs().getFirst().name();
            String output = model.outputs().getFirst().name();
            try (Tensor x = new Tensor(input, DataType.FP32, Shape.of(WIDTH), buffer);
                    Tensor y = model.run(List.of(x), List.of(output), (_, size) -> pool.lend(size), new Cancellation())
                            .getFirst()) {
                float[] values = new float[WIDTH];
                for (int i = 0; i < WIDTH; i++) {
                    values[i] = y.data().bytes().getFloat(i * Float.BYTES);
                }
                System.out.println(backend.name() + " runs on " + model.device());
                return values;
            }
        }
    }
}
