package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What an I/O error of the cache's own disk becomes. */
final class CacheFailure {
    private CacheFailure() {}

    /** @param doing completes "Cannot ..." */
    static RuntimeException of(String doing, IOException e) {
        return DurableFiles.isDiskFull(e)
                ? new DiskFull("Cannot " + doing + ": the disk is full; free some and try again", e)
                : new UncheckedIOException("Cannot " + doing + ": " + e, e);
    }
}
