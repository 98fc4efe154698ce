package health.vantage.models.runner.form;

import health.vantage.models.runner.tensor.TensorBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor's whole memory as a buffer that its reader may move. */
final class Blocks {
    private Blocks() {}

    static ByteBuffer of(TensorBuffer buffer) {
        return buffer.bytes().duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
    }
}
