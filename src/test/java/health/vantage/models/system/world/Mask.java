package health.vantage.models.system.world;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** What the detector answers: FP32 {@code [1,1,height,width]}, the probability that a pixel belongs to text. */
public final class Mask {
    static final float THRESHOLD = 0.3f;

    private final int height;
    private final int width;
    private final FloatBuffer values;

    public Mask(byte[] tensor, int height, int width) {
        if (tensor.length != height * width * Float.BYTES) {
            throw new IllegalArgumentException("A mask of " + height + "x" + width + " has "
                    + height * width * Float.BYTES + " bytes, not " + tensor.length);
        }
        this.height = height;
        this.width = width;
        this.values = ByteBuffer.wrap(tensor).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    float at(int x, int y) {
        return values.get(y * width + x);
    }

    /** A run of rows that hold text, in pixels, edges included. */
    public record Band(int left, int top, int right, int bottom) {
        @Override
        public String toString() {
            return "x " + left + ".." + right + ", y " + top + ".." + bottom;
        }
    }

    /** Where text was found, from top to bottom. */
    public List<Band> bands() {
        var bands = new ArrayList<Band>();
        Band open = null;
        for (int y = 0; y <= height; y++) {
            int left = width;
            int right = -1;
            for (int x = 0; y < height && x < width; x++) {
                if (at(x, y) > THRESHOLD) {
                    left = Math.min(left, x);
                    right = x;
                }
            }
            if (right >= 0) {
                open = open == null
                        ? new Band(left, y, right, y)
                        : new Band(Math.min(open.left, left), open.top, Math.max(open.right, right), y);
            } else if (open != null) {
                bands.add(open);
                open = null;
            }
        }
        return bands;
    }
}
