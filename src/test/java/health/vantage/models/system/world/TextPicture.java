package health.vantage.models.system.world;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * A picture of text lines, as the detector takes it: FP32 {@code [1,3,height,width]}, little-endian, RGB scaled to -1..1.
 *
 * @param lines one below the other; none makes a blank page
 */
public record TextPicture(int height, int width, List<String> lines) {

    private BufferedImage draw() {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, width, height);
        pen.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        pen.setColor(Color.BLACK);
        int pitch = height / Math.max(2, lines.size() + 1);
        pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, Math.min(28, pitch * 2 / 3)));
        for (int i = 0; i < lines.size(); i++) {
            pen.drawString(lines.get(i), width / 16, pitch * (i + 1));
        }
        pen.dispose();
        return image;
    }

    /** The tensor's bytes. */
    public byte[] tensor() {
        BufferedImage image = draw();
        ByteBuffer bytes = ByteBuffer.allocate(3 * width * height * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int shift = 16; shift >= 0; shift -= 8) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    float value = (image.getRGB(x, y) >> shift & 0xff) / 255f;
                    bytes.putFloat((value - 0.5f) / 0.5f);
                }
            }
        }
        return bytes.array();
    }

    public String shape() {
        return "1,3," + height + "," + width;
    }

    /** Writes the picture with the mask laid over it in red. */
    public void writeWithMask(Mask mask, Path png) {
        BufferedImage image = draw();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (mask.at(x, y) > Mask.THRESHOLD) {
                    var old = new Color(image.getRGB(x, y));
                    image.setRGB(
                            x, y, new Color((old.getRed() + 255) / 2, old.getGreen() / 2, old.getBlue() / 2).getRGB());
                }
            }
        }
        try {
            Files.createDirectories(png.getParent());
            ImageIO.write(image, "png", png.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(png + " cannot be written", e);
        }
    }
}
