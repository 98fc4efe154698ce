package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.backend.ModelFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Files that begin as TensorRT's plans do; behind the header is nothing, since nothing here could read it. */
final class Plans {
    private Plans() {}

    static ModelFiles builtBy(Path folder, int major, int minor, String minTensorRt, String... targets)
            throws IOException {
        ByteBuffer head = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        head.put(new byte[] {'f', 't', 'r', 't'}).putInt(0);
        head.put(24, (byte) major).put(25, (byte) minor).put(26, (byte) 0).put(27, (byte) 36);
        return files(folder, head.array(), minTensorRt, targets);
    }

    static ModelFiles files(Path folder, byte[] bytes, String minTensorRt, String... targets) throws IOException {
        Path plan =
                Files.write(Files.createDirectories(folder.resolve("models")).resolve("model.plan"), bytes);
        return new ModelFiles(
                folder,
                plan,
                new Declared(
                        "seg", "1.0.0", "tensorrt", "fp16", 64, Optional.ofNullable(minTensorRt), List.of(targets)));
    }
}
