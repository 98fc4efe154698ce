package health.vantage.models.runner.node;

import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.model.VersionCounters.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Watches a version that is not confirmed yet, for the case that nobody else does: the cable is pulled, or the operator is away. While the
 * operator can see the counters the decision is its own, because it decides for all nodes at once.
 */
final class SoakGuard {
    /** Fewer failures are bad luck: with low traffic one alone is above any rate. */
    private static final long MIN_ERRORS = 3;

    private final BooleanSupplier operatorSees;
    private final Duration patience;
    private Optional<Instant> failingSince = Optional.empty();

    /**
     * @param operatorSees whether the API server can be reached; asked only while a version fails
     * @param patience how long a version may fail although the API server can be reached
     */
    SoakGuard(BooleanSupplier operatorSees, Duration patience) {
        this.operatorSees = operatorSees;
        this.patience = patience;
    }

    /** Why the version must go, empty as long as it may stay. */
    Optional<String> verdict(ServedVersion version, double maxErrorRate, Instant now) {
        Reading reading = version.counters().read();
        if (reading.errors() < MIN_ERRORS || reading.errorRate() <= maxErrorRate) {
            failingSince = Optional.empty();
            return Optional.empty();
        }
        if (failingSince.isEmpty()) {
            failingSince = Optional.of(now);
        }
        boolean seen = operatorSees.getAsBoolean();
        if (seen && now.isBefore(failingSince.get().plus(patience))) {
            return Optional.empty();
        }
        failingSince = Optional.empty();
        return Optional.of("%d of %d requests to %s failed, more than the allowed share of %s, and %s"
                .formatted(
                        reading.errors(),
                        reading.requests(),
                        version,
                        maxErrorRate,
                        seen
                                ? "no instruction came within " + patience.toSeconds() + " s"
                                : "the API server cannot be reached"));
    }
}
