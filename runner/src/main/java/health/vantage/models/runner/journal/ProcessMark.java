package health.vantage.models.runner.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that lies in the journal's folder while a runner lives: found at start, the last one died without a goodbye. */
public final class ProcessMark {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessMark.class);

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
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the folder " + folder + ": " + e, e);
        }
        boolean found = Files.exists(file);
        try {
            Files.writeString(file, Long.toString(ProcessHandle.current().pid()));
        } catch (IOException e) {
            // Serving must not wait for a full disk; what is lost is that the next start knows of this one's death.
            LOG.error("cannot write {}; should this process die, the next one does not know: {}", file, e.toString());
        }
        return new ProcessMark(file, found);
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
