package health.vantage.models.runner.preflight;

/**
 * What the child answers on its standard output, as one line of JSON.
 *
 * @param reason CamelCase; empty when it passed
 * @param message a sentence; when it passed, where the model runs
 * @param millis for loading, warm-up and the golden sample together
 * @param memoryMiB that the model took on its device meanwhile; 0 where it cannot be told
 */
public record PreflightReport(boolean passed, String reason, String message, long millis, long memoryMiB) {
    static PreflightReport failed(String reason, String message) {
        return new PreflightReport(false, reason, message, 0, 0);
    }
}
