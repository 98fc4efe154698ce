package health.vantage.models.runner.serve;

/**
 * @param waiting requests of one model that may wait for their turn
 * @param parallel runs of one model at the same time; one run already uses all its threads, so on a CPU 1
 */
public record QueueLimits(int waiting, int parallel) {
    public QueueLimits {
        if (waiting < 1 || parallel < 1) {
            throw new IllegalArgumentException("queue limits must be at least 1, not " + waiting + " and " + parallel);
        }
    }
}
