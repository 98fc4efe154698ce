package health.vantage.models.runner.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import health.vantage.models.runner.backend.onnx.OnnxCpuBackend;
import health.vantage.models.runner.onnx.TensorFile;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * ONNX's own conformance models on the CPU backend, with their inputs and expected outputs. Those that do not come out as expected are listed
 * with their reasons in {@code onnx-conformance.txt} of the test resources; whatever joins or leaves that list fails the test.
 */
final class OnnxConformanceTest {
    private static final Path DATA = RealModels.folder().resolveSibling("onnx-testdata-1.12.0");

    /** As onnx's own runner, with some absolute room for other orders of summation. */
    private static final Tolerance CLOSE = new Tolerance(1e-5, 1e-3);

    /** Of StringNormalizer, which asks for en_US; not every machine has it. */
    private static final String NO_LOCALE = "Failed to construct locale";

    private static final Pattern NUMBERED = Pattern.compile("(?:input|output)_(\\d+)\\.pb");
    private static final int MAX_REASON = 160;

    private final TensorPool pool = new TensorPool(1 << 20);

    @Test
    void everyModelIsServedAsExpectedOrListedWithItsReason() throws Exception {
        assumeTrue(Files.isDirectory(DATA), () -> DATA + " is missing; run hack/fetch-onnx-testdata");
        Map<String, String> reasons = new TreeMap<>();
        int passed = 0;
        for (Path folder : models()) {
            Optional<String> reason = reason(folder);
            if (reason.filter(why -> why.contains(NO_LOCALE)).isPresent()) {
                continue;
            }
            if (reason.isPresent()) {
                reasons.put(DATA.relativize(folder).toString(), shortened(reason.get()));
            } else {
                passed++;
            }
        }
        List<String> found = reasons.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
        Path report = Path.of("target", "onnx-conformance.txt");
        Files.createDirectories(report.getParent());
        Files.write(report, found);

        assertThat(pool.lentBytes()).isZero();
        assertThat(passed).as("see %s", report.toAbsolutePath()).isGreaterThan(900);
        assertThat(found.stream().map(OnnxConformanceTest::name))
                .as("see %s", report.toAbsolutePath())
                .containsExactlyElementsOf(
                        listed().stream().map(OnnxConformanceTest::name).toList());
    }

    private static String name(String line) {
        return line.substring(0, line.indexOf(':'));
    }

    private static List<String> listed() throws IOException {
        try (var in = OnnxConformanceTest.class.getResourceAsStream("/onnx-conformance.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .toList();
        }
    }

    private static List<Path> models() throws IOException {
        try (Stream<Path> files = Files.walk(DATA)) {
            return files.filter(file -> file.getFileName().toString().equals("model.onnx"))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        }
    }

    private Optional<String> reason(Path folder) throws IOException {
        if (folder.getFileName().toString().contains("bernoulli")) {
            return Optional.of("its output is random");
        }
        Declared declared =
                new Declared(folder.getFileName().toString(), "1.12.0", "onnx", "fp32", 1, Optional.empty());
        ModelFiles files = new ModelFiles(folder, folder.resolve("model.onnx"), declared);
        try (LoadedModel model = new OnnxCpuBackend().load(files, new LoadOptions(1))) {
            List<Path> sets = dataSets(folder);
            if (sets.isEmpty()) {
                return Optional.of("it has no data");
            }
            for (Path set : sets) {
                Optional<String> reason = run(model, set);
                if (reason.isPresent()) {
                    return reason;
                }
            }
            return Optional.empty();
        } catch (BackendException | IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static List<Path> dataSets(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isDirectory).sorted().toList();
        }
    }

    private Optional<String> run(LoadedModel model, Path set) throws IOException, BackendException {
        List<Tensor> owned = new ArrayList<>();
        try {
            List<Tensor> inputs = read(set, "input", model.inputs(), owned);
            List<Tensor> expected = read(set, "output", model.outputs(), owned);
            Optional<String> objection = model.objection(inputs);
            if (objection.isPresent()) {
                return objection;
            }
            // Twice: the second time the shapes of the outputs are known, and their memory is prepared.
            for (int i = 0; i < 2; i++) {
                List<Tensor> answers =
                        model.run(inputs, expected.stream().map(Tensor::name).toList(), pool, new Cancellation());
                owned.addAll(answers);
                for (int j = 0; j < answers.size(); j++) {
                    Optional<String> difference = CLOSE.difference(expected.get(j), answers.get(j));
                    if (difference.isPresent()) {
                        return difference;
                    }
                }
            }
            return Optional.empty();
        } finally {
            owned.forEach(Tensor::close);
        }
    }

    private List<Tensor> read(Path set, String kind, List<TensorSpec> specs, List<Tensor> owned) throws IOException {
        Map<Integer, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(set)) {
            all.filter(file -> file.getFileName().toString().startsWith(kind)).forEach(file -> {
                Matcher number = NUMBERED.matcher(file.getFileName().toString());
                if (number.matches()) {
                    files.put(Integer.parseInt(number.group(1)), file);
                }
            });
        }
        List<Tensor> tensors = new ArrayList<>();
        for (Map.Entry<Integer, Path> file : files.entrySet()) {
            TensorFile data = TensorFile.read(file.getValue());
            String name = specs.stream()
                    .map(TensorSpec::name)
                    .filter(data.name()::equals)
                    .findFirst()
                    .orElseGet(() -> specs.get(file.getKey()).name());
            Tensor tensor = data.as(name, pool);
            owned.add(tensor);
            tensors.add(tensor);
        }
        return tensors;
    }

    /** Without what differs between machines. */
    private static String shortened(String reason) {
        String one = reason.replaceAll("\\s+", " ")
                .replaceAll("/[^ ]*/model\\.onnx", "model.onnx")
                .replaceAll("/onnxruntime_src/[^ ]* ", "")
                .replaceFirst("^ONNX Runtime cannot load model.onnx on cpu: Error code - \\w+ - message: ", "")
                .replaceFirst("^Load model from model.onnx failed:Fatal error: ", "");
        return one.length() > MAX_REASON ? one.substring(0, MAX_REASON) + "..." : one;
    }
}
