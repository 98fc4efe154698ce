package health.vantage.models.runner.serve;

import java.time.Duration;
import java.util.List;

/**
 * Triton's dynamic batching, for models that treat each entry of the first dimension alone: waiting requests are computed as one. Off unless
 * asked for: it pays on a GPU, and on one CPU thread hardly or not at all. The joined tensors exist beside the requests' own
 * while they run, and count against the budget; without room there requests run alone.
 *
 * @param maxRows of all requests together; one request with more runs alone
 * @param preferredRows ascending; a batch of such a size runs at once. Empty: only {@code maxRows} does
 * @param maxDelay how long the first request waits for others; zero: what waits already is taken
 */
public record Batching(int maxRows, List<Integer> preferredRows, Duration maxDelay) {
    /** A bound on what one delay can cost callers. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final int MOST_ROWS = 4096;

    public Batching {
        preferredRows = preferredRows.stream().sorted().distinct().toList();
        if (maxRows < 2 || maxRows > MOST_ROWS) {
            throw new IllegalArgumentException("a batch holds 2 to " + MOST_ROWS + " rows, not " + maxRows);
        }
        if (preferredRows.stream().anyMatch(rows -> rows < 1 || rows > maxRows)) {
            throw new IllegalArgumentException(
                    "preferred batch sizes lie between 1 and the largest, " + maxRows + ", not " + preferredRows);
        }
        if (maxDelay.isNegative() || maxDelay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a request waits 0 to " + LONGEST.toSeconds() + " s for others, not " + maxDelay);
        }
    }
}
