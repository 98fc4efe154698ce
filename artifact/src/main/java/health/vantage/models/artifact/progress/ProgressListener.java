package health.vantage.models.artifact.progress;

/** Hears how far long work is. Called often and from several threads: whoever shows it decides how often. */
@FunctionalInterface
public interface ProgressListener {
    ProgressListener NONE = (item, done, total) -> {};

    /**
     * @param item names a file or blob for people; what is announced with 0 bytes done will come
     * @param doneBytes may go back, where something is tried again
     * @param totalBytes of this item
     */
    void progress(String item, long doneBytes, long totalBytes);
}
