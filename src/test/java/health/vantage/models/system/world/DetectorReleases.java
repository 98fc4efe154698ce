package health.vantage.models.system.world;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import health.vantage.models.runner.onnx.OnnxSurgery;
import health.vantage.models.runner.samples.ModelFolder;
import health.vantage.models.runner.samples.RealModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Versions of a real segmentation model, PP-OCRv4's text detector: good ones, and two kinds of bad. */
public final class DetectorReleases {
    private static final String INPUT = "x";
    private static final int GOLDEN_SIDE = 96;

    private final Path folder;
    private final byte[] detector;

    /** @param folder where the versions' files are laid out */
    public DetectorReleases(Path folder) {
        this.folder = folder;
        Path model = RealModels.folder().resolve(RealModels.DET);
        try {
            this.detector = Files.readAllBytes(model);
        } catch (IOException e) {
            throw new UncheckedIOException(model + " is missing: run hack/fetch-models", e);
        }
    }

    /** The detector as published, with a golden sample of its own answer to a blank page. */
    public Path asPublished(String version) {
        return lay(version, detector, answer(detector, blank()));
    }

    /** The same weights, another file: its probabilities are a little lower. Good as well. */
    public Path retrained(String version) {
        byte[] model = OnnxSurgery.scaled(detector, RealModels.DET_OUTPUT, 0.97f);
        return lay(version, model, answer(model, blank()));
    }

    /** A training run gone wrong: what it answers to the golden sample is not what was promised. */
    public Path failsGolden(String version) {
        byte[] model = OnnxSurgery.scaled(detector, RealModels.DET_OUTPUT, -40f);
        float[] promised = answer(detector, blank());
        for (int i = 0; i < promised.length; i++) {
            promised[i] += 0.5f;
        }
        return lay(version, model, promised);
    }

    /** Passes every check on a blank page, and fails as soon as there is text to find. */
    public Path failsOnText(String version) {
        byte[] model = OnnxSurgery.failsAbove(detector, RealModels.DET_OUTPUT, 0.5f);
        return lay(version, model, answer(model, blank()));
    }

    private static float[] blank() {
        var page = new TextPicture(GOLDEN_SIDE, GOLDEN_SIDE, List.of());
        FloatBuffer values =
                ByteBuffer.wrap(page.tensor()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] array = new float[values.remaining()];
        values.get(array);
        return array;
    }

    private static float[] answer(byte[] model, float[] input) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model);
                OnnxTensor tensor = OnnxTensor.createTensor(
                        environment, FloatBuffer.wrap(input), new long[] {1, 3, GOLDEN_SIDE, GOLDEN_SIDE});
                OrtSession.Result result = session.run(Map.of(INPUT, tensor))) {
            FloatBuffer values = ((OnnxTensor) result.get(RealModels.DET_OUTPUT).orElseThrow()).getFloatBuffer();
            float[] array = new float[values.remaining()];
            values.get(array);
            return array;
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot run the sample: " + e.getMessage(), e);
        }
    }

    private Path lay(String version, byte[] model, float[] promised) {
        return ModelFolder.write(folder.resolve(version), model)
                .golden(
                        INPUT,
                        new long[] {1, 3, GOLDEN_SIDE, GOLDEN_SIDE},
                        bytes(blank()),
                        RealModels.DET_OUTPUT,
                        new long[] {1, 1, GOLDEN_SIDE, GOLDEN_SIDE},
                        bytes(promised))
                .root();
    }

    private static ByteBuffer bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }
}
