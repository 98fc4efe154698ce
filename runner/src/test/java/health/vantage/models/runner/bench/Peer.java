package health.vantage.models.runner.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Another server or library for the same model; implemented outside this module, so that none of them is a dependency of ours. */
public interface Peer extends AutoCloseable {
    /**
     * @param input FP32, direct, little-endian
     * @param threads that one run may use
     */
    void open(Path onnx, ByteBuffer input, long[] shape, int threads) throws Exception;

    /** One request, to the bytes of its answer. */
    ByteBuffer run() throws Exception;

    @Override
    void close();
}
