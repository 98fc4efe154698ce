package health.vantage.models.runner.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that lies in the journal's folder while a runner lives: found at start, the last one died without a goodbye. */
public final class ProcessMark {
    private final Path file;
    private final boolean lastOneDied;

    private ProcessMark(Path file, boolean lastOneDied) {
        this.file = file;
        this.lastOneDied = lastOneDied;
    }

    public static ProcessMark set(Path folder) {
        Path file = folder.resolve("running");
        try {
            Files.createDirectories(folder);
            boolean found = Files.exists(file);
            Files.writeString(file, Long.toString(ProcessHandle.current().pid()));
            return new ProcessMark(file, found);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e, e);
        }
    }

    public boolean lastOneDied() {
        return lastOneDied;
    }

    /** The goodbye. */
    public void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file + ": " + e, e);
        }
    }
}
