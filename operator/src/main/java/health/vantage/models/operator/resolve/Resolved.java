package health.vantage.models.operator.resolve;

import health.vantage.models.api.ModelRevision;
import health.vantage.models.operator.Reason;
import java.time.Duration;
import java.util.Optional;

/** The outcome of asking the registry. */
public sealed interface Resolved {
    /**
     * Resolved and, where the spec says so, verified.
     *
     * @param verifiedBy who signed, and what was attested; empty where the spec demands nothing
     */
    record Revision(ModelRevision revision, String verifiedBy) implements Resolved {}

    /** The artifact could not be found or understood. */
    record Unresolved(Reason reason, String message, boolean transientFailure, Optional<Duration> retryAfter)
            implements Resolved {}

    /** It was found, but it is not vouched for as the spec demands. */
    record Unverified(Reason reason, String message) implements Resolved {}
}
