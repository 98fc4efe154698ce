package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelDeploymentSpec.Placement;
import health.vantage.models.api.ModelRevisionSpec;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * One deployment's wish to serve a revision.
 *
 * @param model the served name: the deployment's
 * @param tiers in order of preference
 */
public record Claim(
        String namespace,
        String model,
        String uid,
        int priority,
        Instant created,
        List<String> tiers,
        Placement placement,
        Quorum quorum,
        ModelRevisionSpec revision) {

    /** Who goes first where memory does not suffice for all: priority, then age, then UID. */
    public static final Comparator<Claim> PRECEDENCE = Comparator.comparingInt(Claim::priority)
            .reversed()
            .thenComparing(Claim::created)
            .thenComparing(Claim::uid);

    public String holder() {
        return namespace + "/" + model;
    }
}
