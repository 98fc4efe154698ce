package health.vantage.models.runner.engine;

import health.vantage.models.api.ModelNodeStatus.Gpu;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A program of its own that serves models, as a backend of this runner. */
public final class EngineBackend implements Backend {
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    private final EngineSpec spec;
    private final Supplier<List<Gpu>> gpus;
    private final Patience patience;

    /** @param gpus that this runner sees, read at every load */
    public EngineBackend(EngineSpec spec, Supplier<List<Gpu>> gpus) {
        this(spec, gpus, Patience.USUAL);
    }

    EngineBackend(EngineSpec spec, Supplier<List<Gpu>> gpus, Patience patience) {
        this.spec = spec;
        this.gpus = gpus;
        this.patience = patience;
    }

    @Override
    public String name() {
        return spec.name();
    }

    @Override
    public Set<String> formats() {
        return spec.formats();
    }

    /** It finds its way among the files itself. */
    @Override
    public String fileSuffix() {
        return "";
    }

    @Override
    public boolean ownProcess() {
        return true;
    }

    @Override
    public Availability probe() {
        for (String program : List.of("setsid", "sh", spec.command().getFirst())) {
            if (!Placeholders.uses(program, "model") && find(program).isEmpty()) {
                return new Availability.Unavailable("its program \"" + program + "\" was not found or is not executable"
                        + (program.contains("/") ? "" : "; the PATH is " + path()));
            }
        }
        return new Availability.Available("external", "a process of its own");
    }

    private static Optional<Path> find(String program) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(EngineBackend::isProgram);
        }
        return Stream.of(path().split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(EngineBackend::isProgram)
                .findFirst();
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    private static String path() {
        return Optional.ofNullable(System.getenv("PATH")).orElse("");
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        try {
            List<Gpu> seen = gpus.get();
            mustBeThere(options.device(), seen);
            return SupervisedEngine.start(
                    on(options.device(), seen), patience, values(files, options.device(), seen), options.unwanted());
        } catch (EngineFailure e) {
            throw new BackendException("engine " + spec.name() + " " + e.getMessage(), e);
        }
    }

    /** Elsewhere it would take memory that was promised to others. Where nothing can be read, it is taken on trust. */
    private static void mustBeThere(int device, List<Gpu> seen) throws BackendException {
        if (!seen.isEmpty() && seen.stream().noneMatch(gpu -> gpu.index() == device)) {
            throw new BackendException("its memory was reserved on GPU " + device + ", and this runner sees GPU "
                    + seen.stream().map(gpu -> gpu.index().toString()).collect(Collectors.joining(", "))
                    + " alone; set runner.gpus of its ComputeTier to what its nodes have");
        }
    }

    /** It shall see the GPU that its memory was reserved on, and no other. Who has set this otherwise means it. */
    private EngineSpec on(int device, List<Gpu> seen) {
        return seen.size() < 2 || spec.env().containsKey(VISIBLE) || System.getenv(VISIBLE) != null
                ? spec
                : spec.with(Map.of(VISIBLE, Integer.toString(device), "CUDA_DEVICE_ORDER", "PCI_BUS_ID"));
    }

    private Map<String, String> values(ModelFiles files, int device, List<Gpu> seen) throws BackendException {
        Declared declared = files.declared();
        Map<String, String> values = new HashMap<>();
        values.put("model", files.weights().toAbsolutePath().toString());
        values.put("name", declared.name());
        values.put("version", declared.version());
        values.put("vramMiB", Long.toString(declared.memoryMiB()));
        if (asksFor("file")) {
            values.put("file", onlyFile(files.weights()).toString());
        }
        if (asksFor("vramShare")) {
            values.put("vramShare", share(declared.memoryMiB(), device, seen));
        }
        return values;
    }

    private boolean asksFor(String placeholder) {
        return Stream.concat(spec.command().stream(), spec.env().values().stream())
                .anyMatch(text -> Placeholders.uses(text, placeholder));
    }

    private static Path onlyFile(Path models) throws BackendException {
        try (Stream<Path> all = Files.list(models)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            if (files.size() != 1) {
                throw new BackendException(
                        "its command asks for {file}, the only file of the model, and the artifact has " + files.size()
                                + " under models/; use {model}, their folder");
            }
            return files.getFirst().toAbsolutePath();
        } catch (IOException e) {
            throw new BackendException("cannot list " + models + ": " + e, e);
        }
    }

    /** Rounded down to three digits: never more than the metadata declares, which is all that was reserved. */
    private static String share(long memoryMiB, int device, List<Gpu> seen) throws BackendException {
        OptionalLong all = seen.stream()
                .filter(gpu -> gpu.index() == device)
                .mapToLong(Gpu::memoryMiB)
                .findFirst();
        if (all.isEmpty() || all.getAsLong() <= 0) {
            throw new BackendException("its command asks for {vramShare}, and nothing says how much memory GPU "
                    + device + " has; use {vramMiB} or a number");
        }
        long thousandths = memoryMiB * 1000 / all.getAsLong();
        if (thousandths < 1 || thousandths > 1000) {
            throw new BackendException("the model declares " + memoryMiB + " MiB of memory, of " + all.getAsLong()
                    + " MiB that the GPU has; correct model.vramGB in its metadata");
        }
        return String.format(Locale.ROOT, "%.3f", thousandths / 1000.0);
    }
}
