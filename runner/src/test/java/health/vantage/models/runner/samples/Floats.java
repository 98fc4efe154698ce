package health.vantage.models.runner.samples;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** FP32 tensors as the API carries them. */
public final class Floats {
    private Floats() {}

    public static ByteBuffer bytes(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }

    public static ByteBuffer filled(int elements, float value) {
        float[] values = new float[elements];
        Arrays.fill(values, value);
        return bytes(values);
    }

    public static float[] of(ByteString bytes) {
        return of(bytes.asReadOnlyByteBuffer());
    }

    public static float[] of(ByteBuffer bytes) {
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
