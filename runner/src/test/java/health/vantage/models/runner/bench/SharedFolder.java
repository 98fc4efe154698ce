package health.vantage.models.runner.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder below {@code /dev/shm}; empty where this machine has none, so that shared memory is not measured. */
record SharedFolder(Optional<Path> path) implements AutoCloseable {
    private static final Path DEV_SHM = Path.of("/dev/shm");

    static SharedFolder make() throws IOException {
        if (!Files.isWritable(DEV_SHM)) {
            System.err.println("shared memory is not measured: " + DEV_SHM + " cannot be written to");
            return new SharedFolder(Optional.empty());
        }
        return new SharedFolder(Optional.of(Files.createTempDirectory(DEV_SHM, "vantage-bench-")));
    }

    @Override
    public void close() throws IOException {
        if (path.isEmpty()) {
            return;
        }
        try (Stream<Path> files = Files.walk(path.get())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
