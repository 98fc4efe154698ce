package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import java.util.List;
import java.util.Optional;

/** Whether a new attempt is due. After a rollback the same revision is not tried again by itself: it would loop. */
public final class Trigger {
    private Trigger() {}

    /**
     * @param generation the spec's, now
     * @param retry whether a person asked to try again
     */
    public static boolean due(RolloutStatus rollout, RevisionRef desired, long generation, boolean retry) {
        boolean another = !desired.name().equals(rollout.revision());
        return switch (rollout.phase()) {
            case Idle -> true;
            case Confirmed -> another;
            case RolledBack -> another || retry || rollout.generation() == null || rollout.generation() != generation;
            case Staging, Canary, Committing, Soaking, Aborting -> false;
        };
    }

    /** The first of the revision's digests that is in quarantine. */
    public static Optional<QuarantinedDigest> quarantined(List<QuarantinedDigest> known, ModelRevisionSpec revision) {
        return known.stream()
                .filter(bad -> revision.artifacts().stream()
                        .anyMatch(artifact -> artifact.digest().equals(bad.digest())))
                .findFirst();
    }

    /** Whether the settled attempt already put the desired revision where it belongs. */
    public static boolean satisfied(RolloutStatus rollout, RevisionRef desired) {
        return rollout.phase() == Phase.Confirmed && desired.name().equals(rollout.revision());
    }
}
