package health.vantage.models.runner.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** A mounted Kubernetes Secret: its files lead through one symbolic link, {@code ..data}, that is swapped at once. */
final class SecretFolder {
    private final Path folder;
    private int version;

    SecretFolder(Path folder) {
        this.folder = folder;
    }

    Path file(String key) {
        return folder.resolve(key);
    }

    /** Makes these its contents, as the kubelet's atomic writer does. */
    void put(Map<String, Path> contents) {
        try {
            Path next = Files.createDirectories(folder.resolve("..version-" + ++version));
            for (Map.Entry<String, Path> entry : contents.entrySet()) {
                Files.copy(entry.getValue(), next.resolve(entry.getKey()));
                if (!Files.isSymbolicLink(file(entry.getKey()))) {
                    Files.createSymbolicLink(file(entry.getKey()), Path.of("..data", entry.getKey()));
                }
            }
            Path link = folder.resolve("..data_tmp");
            Files.createSymbolicLink(link, next.getFileName());
            Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
