package health.vantage.models.operator.report;

import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelDeploymentStatus.TierPlan;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.operator.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The status while one reconcile works on it. Starts from what was written last; the steps change what they learned;
 * {@link #finish} makes the record that is written.
 */
public final class StatusDraft {
    private static final int MOST_QUARANTINED = 10;

    private final long generation;
    private final Instant now;
    private final Conditions conditions;
    public RevisionRef desired;
    public RevisionRef lastGood;
    public RolloutStatus rollout;
    public List<QuarantinedDigest> quarantined;
    public List<NodeProblem> failingNodes;
    public List<TierPlan> plan;
    public String resolvedAt;
    public String handledRetry;
    public String handledResolve;
    public String model;

    /** The bad digest that keeps the desired revision from being tried, if this reconcile met one. */
    public Optional<QuarantinedDigest> barred = Optional.empty();

    private StatusDraft(ModelDeploymentStatus last, long generation, Instant now) {
        this.generation = generation;
        this.now = now;
        this.conditions = new Conditions(last.conditions(), generation, now);
        desired = last.desired();
        lastGood = last.lastGood();
        rollout = last.rollout() == null ? nothingYet() : last.rollout();
        quarantined = last.quarantined();
        failingNodes = last.failingNodes();
        plan = last.plan();
        resolvedAt = last.resolvedAt();
        handledRetry = last.handledRetry();
        handledResolve = last.handledResolve();
        model = last.model();
    }

    public static StatusDraft of(ModelDeployment deployment, Instant now) {
        return new StatusDraft(lastStatus(deployment), deployment.getMetadata().getGeneration(), now);
    }

    public static ModelDeploymentStatus lastStatus(ModelDeployment deployment) {
        return Optional.ofNullable(deployment.getStatus())
                .orElseGet(() -> new ModelDeploymentStatus(
                        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                        null, null, null));
    }

    private static RolloutStatus nothingYet() {
        return new RolloutStatus(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    public long generation() {
        return generation;
    }

    public Instant now() {
        return now;
    }

    public void condition(ConditionType type, Status status, Reason reason, String message) {
        conditions.set(type, status, reason.name(), message);
    }

    public Optional<Condition> condition(ConditionType type) {
        return conditions.get(type);
    }

    /** Whether a condition was judged on the spec as it is now. */
    public boolean speaksOfThisSpec(ConditionType type) {
        return condition(type)
                .map(Condition::observedGeneration)
                .filter(judged -> judged == generation)
                .isPresent();
    }

    public boolean isTrue(ConditionType type) {
        return condition(type).filter(c -> c.status() == Status.True).isPresent();
    }

    public boolean isFalse(ConditionType type) {
        return condition(type).filter(c -> c.status() == Status.False).isPresent();
    }

    /** Remembers bad digests; the oldest give way. */
    public void quarantine(List<QuarantinedDigest> bad) {
        var known = quarantined.stream().map(QuarantinedDigest::digest).toList();
        List<QuarantinedDigest> all = new ArrayList<>(quarantined);
        bad.stream().filter(q -> !known.contains(q.digest())).forEach(all::add);
        quarantined = List.copyOf(all.subList(Math.max(0, all.size() - MOST_QUARANTINED), all.size()));
    }

    /** What nodes are told to serve in the phase that stands in this draft. */
    public Optional<RevisionRef> active() {
        return switch (rollout.phase()) {
            case Committing, Soaking, Confirmed -> Optional.of(new RevisionRef(rollout.revision(), rollout.version()));
            case Idle, Staging, Canary, Aborting, RolledBack -> Optional.ofNullable(lastGood);
        };
    }

    /**
     * @param nodes for the table, such as {@code 18/20}
     * @param tiers for the table
     * @param digest for the table; empty if nothing serves. An empty string would not come back from the API server, and
     *     the status would look changed for ever
     */
    public ModelDeploymentStatus finish(String nodes, String tiers, String digest) {
        Condition ready = conditions.get(ConditionType.Ready).orElseThrow();
        return new ModelDeploymentStatus(
                generation,
                conditions.inOrder(),
                desired,
                active().orElse(null),
                lastGood,
                rollout,
                quarantined,
                failingNodes,
                plan,
                resolvedAt,
                handledRetry,
                handledResolve,
                model,
                active().map(RevisionRef::version).orElse(null),
                tiers,
                nodes,
                rollout.phase().name(),
                digest.isEmpty() ? null : digest,
                Stream.of(ready)
                        .filter(c -> c.status() != Status.True)
                        .map(Condition::reason)
                        .findFirst()
                        .orElse(null));
    }
}
