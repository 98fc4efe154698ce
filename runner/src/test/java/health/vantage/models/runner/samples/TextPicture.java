package health.vantage.models.runner.samples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Pictures as the text detector takes them: FP32 {@code [1,3,height,width]}, RGB, scaled to -1..1 as (value / 255 - 0.5) / 0.5. */
public final class TextPicture {
    private TextPicture() {}

    /** Dark letters on white. */
    public static ByteBuffer of(String text, int height, int width) {
        return tensor(draw(text, height, width));
    }

    /** The same as a PNG file. */
    public static Path png(Path file, String text, int height, int width) throws IOException {
        ImageIO.write(draw(text, height, width), "png", file.toFile());
        return file;
    }

    private static BufferedImage draw(String text, int height, int width) {
        BufferedImage image = blankImage(height, width);
        Graphics2D pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        pen.setColor(Color.BLACK);
        pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, height / 5));
        pen.drawString(text, width / 16, height / 2);
        pen.dispose();
        return image;
    }

    /** White only. */
    public static ByteBuffer blank(int height, int width) {
        return tensor(blankImage(height, width));
    }

    private static BufferedImage blankImage(int height, int width) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, width, height);
        pen.dispose();
        return image;
    }

    private static ByteBuffer tensor(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        ByteBuffer bytes = ByteBuffer.allocate(3 * width * height * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int shift = 16; shift >= 0; shift -= 8) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    float value = (image.getRGB(x, y) >> shift & 0xff) / 255f;
                    bytes.putFloat((value - 0.5f) / 0.5f);
                }
            }
        }
        return bytes.flip();
    }
}
