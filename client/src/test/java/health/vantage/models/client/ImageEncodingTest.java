package health.vantage.models.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import health.vantage.models.client.ImageEncoding.Channels;
import health.vantage.models.client.ImageEncoding.Layout;
import java.awt.image.BufferedImage;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class ImageEncodingTest {
    private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

    /** Two pixels side by side: 0xff8000 and 0x0000ff. */
    private static BufferedImage orangeAndBlue() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xff8000);
        image.setRGB(1, 0, 0x0000ff);
        return image;
    }

    @Test
    void nchwHasOnePlanePerColour() {
        Tensor tensor = ImageEncoding.unit(Layout.NCHW, Channels.RGB).encode("x", orangeAndBlue());

        assertThat(tensor.shape()).containsExactly(1, 3, 1, 2);
        assertThat(tensor.toFloats()).containsExactly(new float[] {1, 0, 128 / 255f, 0, 0, 1}, CLOSE);
    }

    @Test
    void nhwcHasTheColoursOfAPixelTogether() {
        Tensor tensor = ImageEncoding.unit(Layout.NHWC, Channels.BGR).encode("x", orangeAndBlue());

        assertThat(tensor.shape()).containsExactly(1, 1, 2, 3);
        assertThat(tensor.toFloats()).containsExactly(new float[] {0, 128 / 255f, 1, 1, 0, 0}, CLOSE);
    }

    @Test
    void meanAndDeviationArePerChannel() {
        Tensor tensor = new ImageEncoding(Layout.NHWC, Channels.RGB, List.of(0.5f, 0f, 0.25f), List.of(0.5f, 1f, 0.25f))
                .encode("x", orangeAndBlue());

        assertThat(tensor.toFloats()).containsExactly(new float[] {1, 128 / 255f, -1, -1, 0, 3}, CLOSE);
    }

    @Test
    void greyIsTheLuminanceOfColoursAndKeepsGrey() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x808080);
        image.setRGB(1, 0, 0x00ff00);

        assertThat(ImageEncoding.unit(Layout.NCHW, Channels.GRAY)
                        .encode("x", image)
                        .toFloats())
                .containsExactly(new float[] {128 / 255f, 0.587f}, CLOSE);
    }

    @Test
    void aSizeIsReachedByScaling() {
        BufferedImage image = new BufferedImage(7, 5, BufferedImage.TYPE_3BYTE_BGR);
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 7; x++) {
                image.setRGB(x, y, 0x336699);
            }
        }

        Tensor tensor = ImageEncoding.unit(Layout.NCHW, Channels.RGB).encode("x", image, 2, 4);

        assertThat(tensor.shape()).containsExactly(1, 3, 2, 4);
        assertThat(tensor.toFloats()[0]).isEqualTo(0x33 / 255f, CLOSE);
        assertThat(tensor.toFloats()[23]).isEqualTo(0x99 / 255f, CLOSE);
    }

    @Test
    void constantsThatDoNotFitAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageEncoding(Layout.NCHW, Channels.GRAY, List.of(0f, 0f), List.of(1f)))
                .withMessage("GRAY needs 1 values of mean and of std, not 2 and 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageEncoding(Layout.NCHW, Channels.GRAY, List.of(0f), List.of(0f)))
                .withMessageContaining("divides by zero");
    }
}
