package health.vantage.models.runner.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.samples.TextPicture;
import health.vantage.models.runner.tensor.Shape;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/python/segment.py} with Debian's grpcio against a real runner and a real text detector. */
@Timeout(300)
final class PythonClientTest {
    private static final Path SCRIPT =
            Path.of("../examples/python/segment.py").toAbsolutePath().normalize();
    /** Debian's own: another one in the path need not have Debian's packages. */
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path folder;

    private RunnerUnderTest runner;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Commands.has("protoc"), "the program protoc is missing; run hack/packages");
        Assumptions.assumeTrue(Commands.has(PYTHON), PYTHON + " is missing; run hack/packages");
        Commands.Said imports =
                Commands.run(folder, Map.of(), List.of(PYTHON, "-c", "import grpc, google.protobuf, numpy, PIL.Image"));
        Assumptions.assumeTrue(imports.exit() == 0, () -> "run hack/packages: " + imports.err());
        byte[] det = Files.readAllBytes(RealModels.require(RealModels.DET));
        runner = new RunnerUnderTest(folder);
        runner.serve("text-det", "4.0.0", det, Shape.of(1, 3, -1, -1), Shape.of(-1, 1, -1, -1));
    }

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
    }

    @Test
    void healthMetadataAndAMaskOverTcpAndTheUnixSocket() throws Exception {
        Path text = TextPicture.png(folder.resolve("text.png"), "RETINA", 200, 330);
        Path mask = folder.resolve("mask.png");

        JsonNode said = json(segment(text, mask, "text-det"));
        JsonNode overUnix = json(segment(text, mask, "text-det", "--runner=unix:" + runner.socket()));

        assertThat(said).isEqualTo(overUnix);
        assertThat(said.get("live").asBoolean()).isTrue();
        assertThat(said.get("ready").asBoolean()).isTrue();
        assertThat(said.get("model_ready").asBoolean()).isTrue();
        assertThat(said.get("platform").asText()).isEqualTo("onnx");
        assertThat(said.get("input").asText()).isEqualTo("x");
        assertThat(said.get("version").asText()).isEqualTo("4.0.0");
        assertThat(said.get("found").asInt()).isGreaterThan(500);
        BufferedImage image = ImageIO.read(mask.toFile());
        assertThat(image.getWidth()).isEqualTo(330);
        assertThat(image.getHeight()).isEqualTo(200);
    }

    @Test
    void aBlankPictureHasNoText() throws Exception {
        Path blank = TextPicture.png(folder.resolve("blank.png"), "", 64, 64);

        assertThat(json(segment(blank, folder.resolve("mask.png"), "text-det"))
                        .get("found")
                        .asInt())
                .isZero();
    }

    @Test
    void whatTheRunnerRefusesIsSaidInItsOwnSentence() throws Exception {
        runner.serve("vector", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
        Path blank = TextPicture.png(folder.resolve("blank.png"), "", 64, 64);
        Path mask = folder.resolve("mask.png");

        failed(segment(blank, mask, "nobody"), "model nobody: NOT_FOUND: no model \"nobody\" on this runner");
        failed(segment(blank, mask, "vector"), "INVALID_ARGUMENT", "shape [1,3], got [1,3,64,64]");
        failed(
                segment(blank, mask, "text-det", "--runner=localhost:1", "--deadline=2"),
                "localhost:1, model text-det: ");
        failed(segment(folder.resolve("none.png"), mask, "text-det"), "none.png");
        assertThat(mask).doesNotExist();
    }

    private static JsonNode json(Commands.Said said) throws Exception {
        return new ObjectMapper().readTree(said.orFail());
    }

    private static void failed(Commands.Said said, String... sentences) {
        assertThat(said.exit()).as(said.err()).isEqualTo(1);
        assertThat(said.err()).contains(sentences).doesNotContain("Traceback");
    }

    private Commands.Said segment(Path image, Path mask, String model, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                PYTHON,
                SCRIPT.toString(),
                "--image=" + image,
                "--mask=" + mask,
                "--model=" + model,
                "--runner=localhost:" + runner.serving().grpcPort()));
        command.addAll(List.of(more));
        return Commands.run(folder, Map.of(), command);
    }
}
