package health.vantage.models.operator.report;

import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeploymentSpec;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.rollout.Member;
import health.vantage.models.operator.rollout.Trigger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Sums a draft up into the conditions that {@code kubectl wait}, Argo CD, Flux and Helm read.
 *
 * <p>After a rollback: Ready=False (RolledBack), Available=True, Stalled=True: not what was asked for, but serving.
 */
public final class StatusReport {
    private StatusReport() {}

    /**
     * @param model the served name
     * @param members the nodes of the attempt that stands in the draft
     * @param told all nodes that carry an instruction of this deployment, of whatever epoch: what serves does not stop
     *     serving because a new attempt begins
     */
    public static ModelDeploymentStatus summarise(
            StatusDraft draft,
            ModelDeploymentSpec spec,
            String model,
            List<Member> members,
            List<NodeFacts> told,
            Quorum quorum) {
        Phase phase = draft.rollout.phase();
        String said = Optional.ofNullable(draft.rollout.message()).orElse("");
        boolean satisfied = draft.desired != null && Trigger.satisfied(draft.rollout, draft.desired);
        List<Member> required = members.stream()
                .filter(member -> member.reachable() || !(quorum instanceof Quorum.Reachable))
                .toList();
        long serving = required.stream().filter(Member::serves).count();
        boolean enough = serving > 0 && required.size() - serving <= quorum.mayFail(required.size());

        staged(draft, phase, said);
        Optional<Condition> obstacle = obstacle(draft, spec, phase, satisfied);
        reconciling(draft, obstacle, phase, satisfied, said);
        if (obstacle.isPresent()) {
            Reason reason = Reason.of(obstacle.get().reason(), Reason.Waiting);
            draft.condition(
                    ConditionType.Ready, Status.False, reason, obstacle.get().message());
        } else if (phase.underWay()) {
            draft.condition(ConditionType.Ready, Status.False, Reason.of(phase.name(), Reason.Progressing), said);
        } else if (!draft.speaksOfThisSpec(ConditionType.Resolved)) {
            draft.condition(
                    ConditionType.Ready,
                    Status.False,
                    Reason.Waiting,
                    "the spec changed meanwhile: it is resolved next");
        } else if (satisfied && enough) {
            draft.condition(
                    ConditionType.Ready,
                    Status.True,
                    Reason.Confirmed,
                    draft.desired.version() + " serves on " + serving + " of " + members.size() + " nodes");
        } else if (satisfied) {
            draft.condition(ConditionType.Ready, Status.False, Reason.NodesBehind, behind(required));
        } else {
            draft.condition(ConditionType.Ready, Status.False, Reason.Waiting, "waiting to start");
        }
        stalled(draft, obstacle, phase);
        available(draft, told, model);
        return draft.finish(
                serving(draft, told, model) + "/" + told.size(), String.join(",", spec.tiers()), digests(told, model));
    }

    /** What stands in the way of the desired revision, the first cause first. */
    private static Optional<Condition> obstacle(
            StatusDraft draft, ModelDeploymentSpec spec, Phase phase, boolean satisfied) {
        Optional<Condition> gate = Stream.of(ConditionType.Resolved, ConditionType.Verified, ConditionType.Placed)
                .filter(draft::isFalse)
                .findFirst()
                .flatMap(draft::condition);
        if (gate.isPresent()) {
            return gate;
        }
        if (!draft.speaksOfThisSpec(ConditionType.Resolved)) {
            // What became of the last attempt says nothing about a spec that has not been looked at.
            return Optional.empty();
        }
        if (phase == Phase.RolledBack
                && draft.desired != null
                && draft.desired.name().equals(draft.rollout.revision())) {
            return Optional.of(obstacle(
                    Reason.RolledBack,
                    draft.rollout.version() + " was turned back (" + draft.rollout.abortReason() + "): "
                            + draft.rollout.message()));
        }
        if (draft.barred.isPresent() && !satisfied && !phase.underWay()) {
            QuarantinedDigest bad = draft.barred.get();
            return Optional.of(obstacle(
                    Reason.Quarantined,
                    bad.digest() + " (" + bad.version() + ") failed before (" + bad.reason() + ": " + bad.message()
                            + "): move the tag on, or clear it with `kubectl model retry`"));
        }
        return spec.paused() && !satisfied && !phase.underWay()
                ? Optional.of(obstacle(Reason.Paused, "spec.paused is true: no new rollout starts"))
                : Optional.empty();
    }

    private static Condition obstacle(Reason reason, String message) {
        return new Condition("", Status.False, null, "", reason.name(), message);
    }

    private static void staged(StatusDraft draft, Phase phase, String said) {
        switch (phase) {
            case Canary, Committing, Soaking, Confirmed ->
                draft.condition(
                        ConditionType.Staged, Status.True, Reason.Staged, draft.rollout.version() + " is staged");
            case Staging -> draft.condition(ConditionType.Staged, Status.False, Reason.Staging, said);
            case Aborting, RolledBack ->
                draft.condition(
                        ConditionType.Staged,
                        Status.False,
                        Reason.of(draft.rollout.abortReason(), Reason.RolledBack),
                        said);
            case Idle ->
                draft.condition(ConditionType.Staged, Status.Unknown, Reason.Waiting, "nothing has been staged yet");
        }
    }

    private static void reconciling(
            StatusDraft draft, Optional<Condition> obstacle, Phase phase, boolean satisfied, String said) {
        if (phase.underWay()) {
            draft.condition(ConditionType.Reconciling, Status.True, Reason.of(phase.name(), Reason.Progressing), said);
        } else if (obstacle.filter(StatusReport::passes).isPresent()) {
            draft.condition(
                    ConditionType.Reconciling,
                    Status.True,
                    Reason.RegistryUnavailable,
                    "the registry is asked again in a moment");
        } else if (obstacle.isEmpty() && !(satisfied && draft.speaksOfThisSpec(ConditionType.Resolved))) {
            draft.condition(ConditionType.Reconciling, Status.True, Reason.Waiting, "a new attempt is about to start");
        } else {
            draft.condition(ConditionType.Reconciling, Status.False, Reason.Settled, "nothing is under way");
        }
    }

    /** Whether it can go away without anybody doing anything. */
    private static boolean passes(Condition obstacle) {
        return obstacle.reason().equals(Reason.RegistryUnavailable.name());
    }

    private static void stalled(StatusDraft draft, Optional<Condition> obstacle, Phase phase) {
        boolean waitsForSomebody = obstacle.filter(o -> !passes(o)).isPresent() && !phase.underWay();
        if (waitsForSomebody) {
            draft.condition(
                    ConditionType.Stalled,
                    Status.True,
                    Reason.of(obstacle.get().reason(), Reason.Waiting),
                    obstacle.get().message());
        } else {
            draft.condition(ConditionType.Stalled, Status.False, Reason.Progressing, "nothing is in the way");
        }
    }

    private static void available(StatusDraft draft, List<NodeFacts> told, String model) {
        long serving = told.stream()
                .filter(NodeFacts::reachable)
                .flatMap(node -> node.report(model).stream())
                .filter(said -> said.activeDigest() != null)
                .count();
        if (serving > 0) {
            draft.condition(
                    ConditionType.Available,
                    Status.True,
                    Reason.Confirmed,
                    draft.active().map(a -> a.version()).orElse("a version") + " answers on " + serving + " nodes");
        } else {
            draft.condition(
                    ConditionType.Available,
                    Status.False,
                    Reason.NothingServed,
                    "no reachable node serves any version");
        }
    }

    /** Nodes that answer with what the table's VERSION says: the last good one, until the new one is committed. */
    private static long serving(StatusDraft draft, List<NodeFacts> told, String model) {
        return told.stream()
                .flatMap(node -> node.report(model).stream())
                .filter(said -> draft.active()
                        .filter(active -> active.version().equals(said.activeVersion()))
                        .isPresent())
                .count();
    }

    private static String digests(List<NodeFacts> told, String model) {
        return told.stream()
                .flatMap(node -> node.report(model).stream())
                .map(ModelState::activeDigest)
                .filter(Objects::nonNull)
                .map(digest -> digest.replace("sha256:", ""))
                .map(hex -> hex.substring(0, Math.min(12, hex.length())))
                .distinct()
                .sorted()
                .limit(4)
                .collect(Collectors.joining(","));
    }

    private static String behind(List<Member> required) {
        List<String> names = required.stream()
                .filter(member -> !member.serves())
                .map(Member::name)
                .sorted()
                .toList();
        return names.isEmpty()
                ? "no node takes part yet"
                : names.size() + " of " + required.size() + " nodes do not serve it yet: "
                        + names.stream().limit(5).collect(Collectors.joining(", "));
    }
}
