package health.vantage.models.runner.load;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.Texts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An input with the output it must give, carried by the artifact as {@code models/golden/sample.json} and raw little-endian files beside it. */
public final class GoldenSample {
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final long MAX_DESCRIPTION_BYTES = 64 * 1024;
    private static final int MAX_TENSORS = 32;

    private final Path folder;
    private final Description description;

    private GoldenSample(Path folder, Description description) {
        this.folder = folder;
        this.description = description;
    }

    record Description(List<Given> inputs, List<Expected> outputs) {}

    record Given(String name, String datatype, List<Long> shape, String file) {}

    record Expected(
            String name,
            String datatype,
            List<Long> shape,
            String file,
            Double absoluteTolerance,
            Double relativeTolerance) {}

    /**
     * @param artifact the folder that holds {@code models/}
     * @throws LoadFailure when there is a sample that cannot be read: a sample nobody can check proves nothing
     */
    public static Optional<GoldenSample> find(Path artifact) throws LoadFailure {
        Path folder = artifact.resolve("models").resolve("golden");
        Path file = folder.resolve("sample.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > MAX_DESCRIPTION_BYTES) {
                throw unreadable("it has more than " + MAX_DESCRIPTION_BYTES + " bytes", null);
            }
            Description description = JSON.readValue(file.toFile(), Description.class);
            if (description.inputs() == null
                    || description.outputs() == null
                    || description.inputs().size() + description.outputs().size() > MAX_TENSORS) {
                throw unreadable("it needs \"inputs\" and \"outputs\", together at most " + MAX_TENSORS, null);
            }
            return Optional.of(new GoldenSample(folder, description));
        } catch (IOException e) {
            throw unreadable(e.getMessage(), e);
        }
    }

    /**
     * Runs the sample.
     *
     * @throws LoadFailure naming the output, the element, what was expected and what came
     */
    public void check(LoadedModel model, TensorPool pool) throws LoadFailure {
        List<Tensor> owned = new ArrayList<>();
        try {
            for (Given given : description.inputs()) {
                owned.add(read(given.name(), given.datatype(), given.shape(), given.file(), pool));
            }
            List<String> names =
                    description.outputs().stream().map(Expected::name).toList();
            List<Tensor> answers = model.run(List.copyOf(owned), names, pool, new Cancellation());
            owned.addAll(answers);
            for (int i = 0; i < answers.size(); i++) {
                Expected expected = description.outputs().get(i);
                Tensor tensor = read(expected.name(), expected.datatype(), expected.shape(), expected.file(), pool);
                owned.add(tensor);
                Optional<String> difference = new Tolerance(
                                zeroUnlessGiven(expected.absoluteTolerance()),
                                zeroUnlessGiven(expected.relativeTolerance()))
                        .difference(tensor, answers.get(i));
                if (difference.isPresent()) {
                    throw new LoadFailure(VersionLoader.PREFLIGHT_FAILED, "golden sample: " + difference.get());
                }
            }
        } catch (BackendException e) {
            throw new LoadFailure(VersionLoader.PREFLIGHT_FAILED, "golden sample: " + e.getMessage(), e);
        } finally {
            owned.forEach(Tensor::close);
        }
    }

    private static double zeroUnlessGiven(Double tolerance) {
        return tolerance == null ? 0 : tolerance;
    }

    private Tensor read(String name, String datatype, List<Long> dims, String file, TensorPool pool)
            throws LoadFailure {
        if (name == null || datatype == null || dims == null || file == null) {
            throw unreadable("every tensor needs name, datatype, shape and file", null);
        }
        Path raw = folder.resolve(file).normalize();
        if (!raw.startsWith(folder.normalize())) {
            throw unreadable("\"" + file + "\" lies outside models/golden/", null);
        }
        try {
            DataType type = DataType.parse(datatype);
            Shape shape = Shape.of(dims);
            long least = shape.bytes(type);
            long size = Files.size(raw);
            if (type.isFixedWidth() ? size != least : size < least) {
                throw unreadable(file + " has " + size + " bytes, " + type + shape + " needs " + least, null);
            }
            TensorBuffer buffer = pool.lend(size);
            try (FileChannel channel = FileChannel.open(raw, StandardOpenOption.READ)) {
                while (buffer.bytes().hasRemaining() && channel.read(buffer.bytes()) >= 0) {
                    continue;
                }
            } catch (IOException e) {
                buffer.close();
                throw e;
            }
            buffer.bytes().clear();
            Optional<String> flaw =
                    type.isFixedWidth() ? Optional.empty() : Texts.flaw(buffer.bytes(), shape.elements());
            if (flaw.isPresent()) {
                buffer.close();
                throw unreadable(file + ": " + flaw.get(), null);
            }
            return new Tensor(name, type, shape, buffer);
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(e.toString(), e);
        }
    }

    private static LoadFailure unreadable(String why, Throwable cause) {
        return new LoadFailure(
                VersionLoader.PREFLIGHT_FAILED, "models/golden/sample.json cannot be used: " + why, cause);
    }
}
