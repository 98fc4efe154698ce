package health.vantage.models.operator.resolve;

import health.vantage.models.api.ModelRevision;
import health.vantage.models.operator.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The outcome of asking the registry. */
public sealed interface Resolved {
    /**
     * Resolved and, where the spec says so, verified.
     *
     * @param publicKeys PEMs that nodes verify with again
     */
    record Revision(ModelRevision revision, List<String> publicKeys, String verifiedBy) implements Resolved {}

    /** The artifact could not be found or understood. */
    record Unresolved(Reason reason, String message, boolean transientFailure, Optional<Duration> retryAfter)
            implements Resolved {}

    /** It was found, but nobody trusted signed it. */
    record Unverified(Reason reason, String message) implements Resolved {}
}
