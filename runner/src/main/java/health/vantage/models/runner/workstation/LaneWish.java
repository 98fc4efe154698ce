package health.vantage.models.runner.workstation;

import health.vantage.models.runner.serve.Batching;
import health.vantage.models.runner.serve.QueueLimits;
import java.util.Optional;

/** How one model of the file shall run, where it differs from the command line. */
public record LaneWish(Optional<Integer> instances, Optional<Batching> batching) {
    public static final LaneWish NONE = new LaneWish(Optional.empty(), Optional.empty());

    public QueueLimits over(QueueLimits limits) {
        return new QueueLimits(limits.waiting(), instances.orElse(limits.parallel()), batching.or(limits::batching));
    }
}
