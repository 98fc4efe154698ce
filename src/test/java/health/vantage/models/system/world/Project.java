package health.vantage.models.system.world;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project's own files lie. */
public final class Project {
    private Project() {}

    /** The root of the checkout: the first folder upwards that holds {@code helm/} and {@code crds/}. */
    public static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("helm")) && Files.isDirectory(folder.resolve("crds"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "Run this inside a checkout of the project: no folder above holds helm/ and crds/");
    }

    /** A file that the build makes. */
    public static Path built(String path) {
        Path file = root().resolve(path);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is missing: run `make build` first");
        }
        return file;
    }
}
