package health.vantage.models.runner.client;

import health.vantage.models.client.ImageEncoding;
import health.vantage.models.client.ImageEncoding.Channels;
import health.vantage.models.client.ImageEncoding.Layout;
import health.vantage.models.client.Inference;
import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import javax.imageio.ImageIO;

/** The example of {@code client/README.md}, compiled and run, so that it cannot grow old. */
final class ReadmeExample {
    private ReadmeExample() {}

    /** Which share of the picture is text. */
    static float share(Path file, String target) throws IOException {
        // README
        try (RunnerClient runner =
                RunnerClient.to(target).deadline(Duration.ofSeconds(5)).connect()) {
            ImageEncoding encoding = ImageEncoding.symmetric(Layout.NCHW, Channels.RGB);
            Tensor picture = encoding.encode("x", ImageIO.read(file.toFile()), 320, 320);

            Inference answer = runner.model("text-det").infer(picture);

            FloatBuffer mask = answer.output().floats(); // [1,1,320,320], the probability of text
            int found = 0;
            while (mask.hasRemaining()) {
                found += mask.get() > 0.3f ? 1 : 0;
            }
            return found / (320f * 320f);
        }
        // end
    }
}
