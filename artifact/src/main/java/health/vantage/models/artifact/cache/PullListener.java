package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.progress.ProgressListener;

/** Hears how far a pull is; called from several threads, a few times a second at most per layer. */
@FunctionalInterface
public interface PullListener {
    PullListener NONE = (done, total) -> {};

    /**
     * @param doneBytes bytes of the layers that are on disk, those found there included
     * @param totalBytes bytes of all layers
     */
    void progress(long doneBytes, long totalBytes);

    /** Hears of each layer as well, and oftener. */
    default ProgressListener layers() {
        return ProgressListener.NONE;
    }
}
