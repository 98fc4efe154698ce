package health.vantage.models.runner.samples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Lays out what lies in an artifact: {@code models/model.onnx}, and {@code models/golden/} on wish. */
public final class ModelFolder {
    private final Path root;

    private ModelFolder(Path root) {
        this.root = root;
    }

    /** Writes {@code models/model.onnx} under {@code root}. */
    public static ModelFolder write(Path root, byte[] onnx) {
        try {
            Files.createDirectories(root.resolve("models"));
            Files.write(root.resolve("models/model.onnx"), onnx);
            return new ModelFolder(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a golden sample of one FP32 input and one FP32 output, little-endian. */
    public ModelFolder golden(
            String input, long[] inputShape, ByteBuffer in, String output, long[] outputShape, ByteBuffer out) {
        Path folder = root.resolve("models/golden");
        try {
            Files.createDirectories(folder);
            write(folder.resolve("x.bin"), in);
            write(folder.resolve("y.bin"), out);
            Files.writeString(
                    folder.resolve("sample.json"), """
                    {"inputs":[{"name":"%s","datatype":"FP32","shape":[%s],"file":"x.bin"}],
                     "outputs":[{"name":"%s","datatype":"FP32","shape":[%s],"file":"y.bin",
                       "absoluteTolerance":1e-3,"relativeTolerance":1e-3}]}
                    """.formatted(input, list(inputShape), output, list(outputShape)));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder that holds {@code models/}. */
    public Path root() {
        return root;
    }

    private static void write(Path file, ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer rest = bytes.duplicate();
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }
    }

    private static String list(long[] dims) {
        return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(","));
    }
}
