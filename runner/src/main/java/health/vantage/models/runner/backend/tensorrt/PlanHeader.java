package health.vantage.models.runner.backend.tensorrt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The first bytes of a plan: a tag, the layout's version, and the TensorRT version that built it. Source: {@code trtexec
 * --getPlanVersionOnly}, samples/common/sampleEngines.cpp of github.com/NVIDIA/TensorRT. The GPU's architecture stands in it at no documented place.
 *
 * @param version such as {@code 10.12.0.36}; empty in a layout that is not known
 */
record PlanHeader(Optional<String> version) {
    private static final int TAG = 0x74727466;
    private static final int SIZE = 28;
    private static final int VERSION = 24;

    /** Empty when the file is no plan. */
    static Optional<PlanHeader> read(Path plan) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(plan)) {
            bytes = in.readNBytes(SIZE);
        }
        ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < SIZE || head.getInt(0) != TAG) {
            return Optional.empty();
        }
        if (head.getInt(Integer.BYTES) != 0) {
            return Optional.of(new PlanHeader(Optional.empty()));
        }
        return Optional.of(new PlanHeader(Optional.of(Byte.toUnsignedInt(bytes[VERSION]) + "."
                + Byte.toUnsignedInt(bytes[VERSION + 1]) + "." + Byte.toUnsignedInt(bytes[VERSION + 2]) + "."
                + Byte.toUnsignedInt(bytes[VERSION + 3]))));
    }
}
