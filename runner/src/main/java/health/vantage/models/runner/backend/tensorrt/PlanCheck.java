package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.backend.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a plan can run here at all, before TensorRT sees it: it runs on the version that built it and on its GPU's architecture.
 *
 * @param version of the library, such as {@code 10.12.0}
 * @param architecture of the GPU, such as {@code 8.6}
 */
record PlanCheck(String version, String architecture) {
    /** As in {@code sm_86}, {@code sm_120} or {@code sm86} among the metadata's targets. */
    private static final Pattern ARCHITECTURE = Pattern.compile("(?i)sm_?(\\d{1,2})(\\d)");

    /** @throws BackendException naming what the plan needs and what is here */
    void check(ModelFiles files) throws BackendException {
        Path plan = files.weights();
        String name = plan.getFileName().toString();
        Optional<PlanHeader> header;
        try {
            header = PlanHeader.read(plan);
        } catch (IOException e) {
            throw new BackendException("cannot read " + name + ": " + e, e);
        }
        if (header.isEmpty()) {
            throw new BackendException(name + " is no TensorRT engine: it does not begin with an engine's tag");
        }
        Optional<String> builtBy = header.get().version();
        if (builtBy.isPresent() && !sameRelease(builtBy.get(), version)) {
            throw new BackendException(name + " was built by TensorRT " + builtBy.get() + ", and this runner has "
                    + version + ": an engine runs on the release that built it; build it with this one");
        }
        declared(files.declared(), name);
    }

    private void declared(Declared declared, String name) throws BackendException {
        Optional<String> least = declared.minTensorRt();
        if (least.isPresent() && compare(version, least.get()) < 0) {
            throw new BackendException("the metadata's minTensorRTVersion is " + least.get()
                    + ", and this runner has TensorRT " + version);
        }
        List<String> built = declared.targets().stream()
                .map(ARCHITECTURE::matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(1) + "." + found.group(2))
                .toList();
        if (!built.isEmpty() && !built.contains(architecture)) {
            throw new BackendException(name + " was built for GPUs of compute capability " + String.join(", ", built)
                    + " (the metadata's targets), and this one has " + architecture);
        }
    }

    /** Major and minor: patches of one release load each other's engines, later releases only those made version-compatible. */
    private static boolean sameRelease(String one, String other) {
        return part(one, 0) == part(other, 0) && part(one, 1) == part(other, 1);
    }

    private static int compare(String one, String other) {
        for (int i = 0; i < 3; i++) {
            int order = Integer.compare(part(one, i), part(other, i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int part(String version, int index) {
        String[] parts = version.split("[^0-9]+", 5);
        return index < parts.length && !parts[index].isEmpty() && parts[index].length() < 6
                ? Integer.parseInt(parts[index])
                : 0;
    }
}
