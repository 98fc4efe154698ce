package health.vantage.models.runner.serve;

import java.util.Optional;

/**
 * How requests of one model wait and run.
 *
 * @param waiting requests that may wait for their turn
 * @param parallel runs at the same time (instances); one run already uses all its threads, so on a CPU 1
 * @param batching whether waiting requests are computed as one
 */
public record QueueLimits(int waiting, int parallel, Optional<Batching> batching) {
    private static final int MOST_PARALLEL = 64;

    public QueueLimits {
        if (waiting < 1 || parallel < 1) {
            throw new IllegalArgumentException("queue limits must be at least 1, not " + waiting + " and " + parallel);
        }
        if (parallel > MOST_PARALLEL) {
            throw new IllegalArgumentException("a model has at most " + MOST_PARALLEL + " instances, not " + parallel);
        }
    }

    public QueueLimits(int waiting, int parallel) {
        this(waiting, parallel, Optional.empty());
    }
}
