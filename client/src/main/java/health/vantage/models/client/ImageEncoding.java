package health.vantage.models.client;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * How a model wants its images: FP32 with a batch of one, every value {@code (pixel / 255 - mean) / std}.
 *
 * @param layout the order of dimensions
 * @param channels which colours, in which order
 * @param mean per channel, in 0..1
 * @param std per channel, in 0..1, not 0
 */
public record ImageEncoding(Layout layout, Channels channels, List<Float> mean, List<Float> std) {
    /** {@code N} is 1. */
    public enum Layout {
        NCHW,
        NHWC
    }

    /** A pixel's parts in order, as bit shifts in Java's {@code 0xRRGGBB}. */
    public enum Channels {
        RGB(16, 8, 0),
        BGR(0, 8, 16),
        /** Luminance of ITU-R BT.601, as OpenCV and Pillow compute it. */
        GRAY(0);

        private final int[] shifts;

        Channels(int... shifts) {
            this.shifts = shifts;
        }

        int count() {
            return shifts.length;
        }

        private float value(int rgb, int channel) {
            if (this == GRAY) {
                return 0.299f * (rgb >> 16 & 0xff) + 0.587f * (rgb >> 8 & 0xff) + 0.114f * (rgb & 0xff);
            }
            return rgb >> shifts[channel] & 0xff;
        }
    }

    public ImageEncoding {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != channels.count() || std.size() != channels.count()) {
            throw new IllegalArgumentException(channels + " needs " + channels.count()
                    + " values of mean and of std, not " + mean.size() + " and " + std.size());
        }
        if (std.contains(0f)) {
            throw new IllegalArgumentException("a std of 0 divides by zero: " + std);
        }
    }

    /** NCHW, RGB, ImageNet's mean and deviation: what most vision models were trained with. */
    public static ImageEncoding imageNet() {
        return new ImageEncoding(
                Layout.NCHW, Channels.RGB, List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));
    }

    /** Values in 0..1. */
    public static ImageEncoding unit(Layout layout, Channels channels) {
        return same(layout, channels, 0f, 1f);
    }

    /** Values in -1..1. */
    public static ImageEncoding symmetric(Layout layout, Channels channels) {
        return same(layout, channels, 0.5f, 0.5f);
    }

    private static ImageEncoding same(Layout layout, Channels channels, float mean, float std) {
        return new ImageEncoding(
                layout,
                channels,
                java.util.Collections.nCopies(channels.count(), mean),
                java.util.Collections.nCopies(channels.count(), std));
    }

    /** The image in its own size. Transparent pixels count as what lies under them. */
    public Tensor encode(String tensor, BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int count = channels.count();
        long bytes = (long) count * width * height * Float.BYTES;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "tensor " + tensor + ": an image of " + width + "x" + height + " is more than 2 GiB");
        }
        ByteBuffer data = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        FloatBuffer values = data.asFloatBuffer();
        int plane = width * height;
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int pixel = y * width + x;
                for (int c = 0; c < count; c++) {
                    int index = layout == Layout.NCHW ? c * plane + pixel : pixel * count + c;
                    values.put(index, (channels.value(row[x], c) / 255f - mean.get(c)) / std.get(c));
                }
            }
        }
        long[] shape =
                layout == Layout.NCHW ? new long[] {1, count, height, width} : new long[] {1, height, width, count};
        return Tensor.of(tensor, TensorType.FP32, data, shape);
    }

    /** The image scaled to this size, bilinear, without keeping its proportions. */
    public Tensor encode(String tensor, BufferedImage image, int height, int width) {
        if (image.getWidth() == width && image.getHeight() == height) {
            return encode(tensor, image);
        }
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = scaled.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        pen.drawImage(image, 0, 0, width, height, null);
        pen.dispose();
        return encode(tensor, scaled);
    }
}
