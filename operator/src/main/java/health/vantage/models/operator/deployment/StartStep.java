package health.vantage.models.operator.deployment;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.Plan;
import health.vantage.models.operator.plan.Planner;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Policy;
import health.vantage.models.operator.rollout.Trigger;
import java.util.List;
import java.util.Optional;

/** Starts a new attempt, if one is due and memory allows. Pure: the caller writes what comes of it. */
final class StartStep {
    private StartStep() {}

    /** The revision that a new attempt would roll out, if one is due. */
    static Optional<ModelRevision> due(Observed observed, StatusDraft draft) {
        boolean retry = ResolveStep.retryRequested(observed, draft);
        if (retry && !draft.rollout.phase().underWay()) {
            draft.quarantined = List.of();
            // Handled now, whatever comes of it: else every look until the attempt starts would ask the registry.
            draft.handledRetry = ResolveStep.annotation(observed, ApiGroup.RETRY_ANNOTATION);
            if (draft.rollout.phase() == Phase.RolledBack) {
                draft.rollout = draft.rollout.dueAgain();
            }
        }
        if (draft.desired == null || draft.isFalse(ConditionType.Resolved) || draft.isFalse(ConditionType.Verified)) {
            return Optional.empty();
        }
        if (!Trigger.due(draft.rollout, draft.desired, draft.generation(), retry)) {
            noLonger(draft, Status.True, Reason.Placed, draft.rollout.version() + " is where it belongs");
            return Optional.empty();
        }
        Optional<ModelRevision> revision = observed.revision(draft.desired.name());
        draft.barred = revision.flatMap(r -> Trigger.quarantined(draft.quarantined, r.getSpec()));
        if (observed.deployment().getSpec().paused() || draft.barred.isPresent()) {
            noLonger(draft, Status.Unknown, Reason.Waiting, "nothing is planned now");
            return Optional.empty();
        }
        return revision;
    }

    /** A refusal speaks of a revision that may not be wanted any more. */
    private static void noLonger(StatusDraft draft, Status status, Reason reason, String message) {
        if (draft.isFalse(ConditionType.Placed)) {
            draft.condition(ConditionType.Placed, status, reason, message);
        }
    }

    /**
     * Plans and, if nothing speaks against it, puts a new epoch into the draft.
     *
     * @param observed with ModelNodes read under the fleet's lock
     */
    static Plan start(Observed observed, StatusDraft draft, ModelRevision revision, Policy policy) {
        Plan plan = plan(observed, revision, policy);
        if (refused(draft, plan)) {
            return plan;
        }
        draft.plan = plan.tiers();
        draft.condition(
                ConditionType.Placed,
                Status.True,
                Reason.Placed,
                plan.placements().size() + " nodes can take "
                        + revision.getSpec().version());
        draft.failingNodes = List.of();
        draft.rollout = new RolloutStatus(
                Math.max(draft.rollout.epoch(), observed.highestEpochSeen()) + 1,
                Phase.Staging,
                revision.getMetadata().getName(),
                revision.getSpec().version(),
                draft.lastGood == null ? null : draft.lastGood.name(),
                draft.generation(),
                draft.now().toString(),
                draft.now().toString(),
                List.of(),
                plan.placements().size(),
                0,
                0,
                0,
                0,
                "telling " + plan.placements().size() + " nodes",
                null);
        return plan;
    }

    /** Whether what the caches show speaks against it already; then the draft says so. */
    static boolean refused(Observed observed, StatusDraft draft, ModelRevision revision, Policy policy) {
        return refused(draft, plan(observed, revision, policy));
    }

    private static boolean refused(StatusDraft draft, Plan plan) {
        plan.refusal().ifPresent(refusal -> {
            draft.plan = plan.tiers();
            draft.condition(ConditionType.Placed, Status.False, refusal.reason(), refusal.message());
        });
        return plan.refusal().isPresent();
    }

    static Plan plan(Observed observed, ModelRevision revision, Policy policy) {
        return Planner.plan(
                Claims.of(
                        observed.deployment(),
                        revision,
                        observed.deployment().getSpec().tiers(),
                        policy.quorum()),
                Claims.waiting(observed),
                observed.facts());
    }
}
