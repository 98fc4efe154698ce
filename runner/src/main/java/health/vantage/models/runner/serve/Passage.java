package health.vantage.models.runner.serve;

import java.util.Optional;

/**
 * What one request went through, told when it has ended. Times are of {@link System#nanoTime()}.
 *
 * @param traceParent the caller's W3C header
 * @param outcome {@code ok}, or why it was refused
 * @param came when it was taken in
 * @param prepared when its inputs were checked and taken over; as {@code came} where it never got there
 * @param run empty for a request that was not computed
 * @param ended when the caller was answered
 */
public record Passage(
        String model,
        String version,
        Optional<String> traceParent,
        String outcome,
        long came,
        long prepared,
        Optional<Run> run,
        long ended) {
    /** In the model, alone or with others. */
    public record Run(long started, long ended) {}
}
