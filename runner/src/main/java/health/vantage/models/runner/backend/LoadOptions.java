package health.vantage.models.runner.backend;

/** @param threads how many cores one run may use; at least 1 */
public record LoadOptions(int threads) {
    public LoadOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("a model needs at least one thread, not " + threads);
        }
    }
}
