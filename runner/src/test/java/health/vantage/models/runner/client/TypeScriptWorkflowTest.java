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
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/typescript}, compiled here, between a storage server, a real runner and a real text detector. */
@Timeout(300)
final class TypeScriptWorkflowTest {
    private static final Path EXAMPLE =
            Path.of("../examples/typescript").toAbsolutePath().normalize();
    private static final Path PROTO =
            Path.of("proto/src/main/proto/open_inference_grpc.proto").toAbsolutePath();
    private static final int HEIGHT = 200;
    private static final int WIDTH = 330;

    @TempDir
    static Path folder;

    private static RunnerUnderTest runner;
    private static StorageServer storage;
    private static Path program;

    @BeforeAll
    static void start() throws Exception {
        Path fetched = Commands.FETCHED.resolve("typescript");
        Path modules = fetched.resolve("node_modules");
        Assumptions.assumeTrue(Commands.has("node"), "the program node is missing; install Node.js");
        Assumptions.assumeTrue(
                Files.isDirectory(modules)
                        && same(fetched.resolve("fetched.json"), EXAMPLE.resolve("package-lock.json")),
                () -> "what " + EXAMPLE + "/package-lock.json names is not under " + modules
                        + "; run hack/fetch-clients");
        byte[] det = Files.readAllBytes(RealModels.require(RealModels.DET));

        program = compile(modules);
        storage = StorageServer.start(folder, modules);
        runner = new RunnerUnderTest(folder);
        runner.serve("text-det", "4.0.0", det, Shape.of(1, 3, -1, -1), Shape.of(-1, 1, -1, -1));
        runner.serve("vector", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
    }

    @AfterAll
    static void stop() {
        if (runner != null) {
            runner.close();
        }
        if (storage != null) {
            storage.close();
        }
    }

    @Test
    void theMaskOfAStoredImageIsStoredBesideItWithTheVersionThatMadeIt() throws Exception {
        storage.put("study/1.png", TextPicture.png(folder.resolve("1.png"), "RETINA", HEIGHT, WIDTH));

        JsonNode said = new ObjectMapper()
                .readTree(step("study/1.png", "study/1.mask.png", "text-det").orFail());

        assertThat(said.get("version").asText()).isEqualTo("4.0.0");
        assertThat(said.get("shape").toString()).as("padded to multiples of 32").isEqualTo("[1,1,224,352]");
        assertThat(storage.headers("study/1.mask.png"))
                .containsIgnoringCase("content-type: image/png")
                .containsIgnoringCase("x-amz-meta-model: text-det")
                .containsIgnoringCase("x-amz-meta-model-version: 4.0.0");
        BufferedImage mask = ImageIO.read(storage.get("study/1.mask.png").toFile());
        assertThat(mask.getWidth()).isEqualTo(WIDTH);
        assertThat(mask.getHeight()).isEqualTo(HEIGHT);
        // TextPicture draws the letters' base line in the middle, beginning at a sixteenth of the width.
        assertThat(white(mask, HEIGHT / 4, HEIGHT / 2 + 10)).isGreaterThan(500);
        assertThat(white(mask, HEIGHT * 3 / 4, HEIGHT)).as("no text there").isZero();
    }

    @Test
    void anImageWithoutTextGivesABlackMaskOverTheUnixSocketToo() throws Exception {
        storage.put("study/2.png", TextPicture.png(folder.resolve("2.png"), "", 96, 96));

        step("study/2.png", "study/2.mask.png", "text-det", "--runner=unix:" + runner.socket())
                .orFail();

        BufferedImage mask = ImageIO.read(storage.get("study/2.mask.png").toFile());
        assertThat(white(mask, 0, 96)).isZero();
    }

    @Test
    void aStepThatFailsSaysWhichOnWhatAndStoresNothing() throws Exception {
        storage.put("study/3.png", TextPicture.png(folder.resolve("3.png"), "", 64, 64));
        Path noPicture =
                Files.writeString(folder.resolve("4.png"), "this is no picture at all, whatever its name says");
        storage.put("study/4.png", noPicture);

        failed(step("study/none.png", "study/none.mask.png", "text-det"), "cannot fetch s3://scans/study/none.png: ");
        failed(step("study/3.png", "study/3.mask.png", "nobody"), "no model \"nobody\" on this runner");
        failed(step("study/3.png", "study/3.mask.png", "vector"), "shape [1,3], got [1,3,64,64]");
        failed(step("study/4.png", "study/4.mask.png", "text-det"), "cannot read s3://scans/study/4.png: ");
        failed(
                step("study/3.png", "study/3.mask.png", "text-det", "--runner=localhost:1", "--deadline=1"),
                "cannot ask localhost:1 about s3://scans/study/3.png");
        assertThat(storage.has("study/3.mask.png")).isFalse();
        assertThat(storage.has("study/4.mask.png")).isFalse();
    }

    private static void failed(Commands.Said said, String sentence) {
        assertThat(said.exit()).as(said.err()).isEqualTo(1);
        assertThat(said.err()).contains(sentence).doesNotContain("    at ");
    }

    private static Commands.Said step(String image, String mask, String model, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "node",
                program.toString(),
                "--bucket=" + StorageServer.BUCKET,
                "--image=" + image,
                "--mask=" + mask,
                "--model=" + model,
                "--proto=" + PROTO,
                "--runner=localhost:" + runner.serving().grpcPort()));
        command.addAll(List.of(more));
        return Commands.run(folder, storage.environment(), command);
    }

    /** Compiles a copy: nothing is written into the sources. */
    private static Path compile(Path modules) throws IOException, InterruptedException {
        Path copy = Files.createDirectories(folder.resolve("step"));
        Files.walkFileTree(EXAMPLE, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                String name = dir.getFileName().toString();
                if (name.equals("node_modules") || name.equals("build")) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(copy.resolve(EXAMPLE.relativize(dir)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, copy.resolve(EXAMPLE.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
        Files.createSymbolicLink(copy.resolve("node_modules"), modules);
        Commands.Said said = Commands.run(
                copy,
                Map.of(),
                List.of("node", modules.resolve("typescript/bin/tsc").toString()));
        assertThat(said.exit()).as(said.out()).isZero();
        return copy.resolve("build/main.js");
    }

    private static boolean same(Path one, Path other) throws IOException {
        return Files.isRegularFile(one) && Files.mismatch(one, other) < 0;
    }

    private static int white(BufferedImage mask, int top, int bottom) {
        int count = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = 0; x < mask.getWidth(); x++) {
                count += (mask.getRGB(x, y) & 0xff) > 127 ? 1 : 0;
            }
        }
        return count;
    }
}
