package health.vantage.models.runner.backend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of one model version.
 *
 * @param folder where the artifact's {@code models/} folder lies
 * @param weights the file a backend opens; for one with a process of its own the folder of all files
 * @param declared what the metadata says
 */
public record ModelFiles(Path folder, Path weights, Declared declared) {
    /** All files, for a backend that finds its way among them itself. */
    public static ModelFiles all(Path folder, Declared declared) throws BackendException {
        Path models = folder.resolve("models");
        if (!Files.isDirectory(models)) {
            throw new BackendException("the artifact has no files under models/");
        }
        return new ModelFiles(folder, models, declared);
    }

    /**
     * Finds the weights: {@code models/model<suffix>}, or the only file with that suffix.
     *
     * @throws BackendException when there is none, or several and none is called {@code model<suffix>}
     */
    public static ModelFiles find(Path folder, String suffix, Declared declared) throws BackendException {
        Path models = folder.resolve("models");
        Path conventional = models.resolve("model" + suffix);
        if (Files.isRegularFile(conventional)) {
            return new ModelFiles(folder, conventional, declared);
        }
        List<Path> candidates = list(models, suffix);
        return switch (candidates.size()) {
            case 1 -> new ModelFiles(folder, candidates.getFirst(), declared);
            case 0 -> throw new BackendException("the artifact has no *" + suffix + " file under models/");
            default ->
                throw new BackendException("the artifact has " + candidates.size() + " *" + suffix
                        + " files under models/ and none is called model" + suffix + "; which one to load is unclear");
        };
    }

    private static List<Path> list(Path models, String suffix) throws BackendException {
        if (!Files.isDirectory(models)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(models)) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new BackendException("cannot list " + models + ": " + e, e);
        }
    }
}
