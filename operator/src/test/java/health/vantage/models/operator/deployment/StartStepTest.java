package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Policy;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartStepTest {
    private static final QuarantinedDigest BAD =
            new QuarantinedDigest("sha256:b", "2.0.0", "SoakFailed", "it failed", null);

    @Test
    void aRevisionThatDoesNotServeYetIsDue() {
        var scene = scene("");
        StatusDraft draft = wants(scene, "b");
        assertThat(StartStep.due(scene.observed(), draft)).isPresent();
    }

    @Test
    void nothingIsDueWhileItCannotBeResolvedOrVerified() {
        var scene = scene("");
        for (ConditionType gate : List.of(ConditionType.Resolved, ConditionType.Verified)) {
            StatusDraft draft = wants(scene, "b");
            draft.condition(gate, Status.False, Reason.RegistryUnavailable, "away");
            assertThat(StartStep.due(scene.observed(), draft)).as(gate.name()).isEmpty();
        }
    }

    @Test
    void aQuarantinedDigestIsNotTriedAgain() {
        var scene = scene("");
        StatusDraft draft = wants(scene, "b");
        draft.quarantined = List.of(BAD);
        assertThat(StartStep.due(scene.observed(), draft)).isEmpty();
        assertThat(draft.barred).contains(BAD);
    }

    @Test
    void aPausedDeploymentStartsNothing() {
        var scene = scene("paused: true");
        assertThat(StartStep.due(scene.observed(), wants(scene, "b"))).isEmpty();
    }

    @Test
    void aRetryClearsTheQuarantineAndIsHandledOnceEvenIfTheRegistryIsAway() {
        var scene = scene("").annotated(ApiGroup.RETRY_ANNOTATION, "now");
        StatusDraft draft = wants(scene, "b");
        draft.rollout = Scene.rollout(Phase.RolledBack, "b", "2.0.0", "a");
        draft.quarantined = List.of(BAD);
        draft.condition(ConditionType.Resolved, Status.False, Reason.RegistryUnavailable, "away");

        assertThat(StartStep.due(scene.observed(), draft)).isEmpty();
        assertThat(draft.quarantined).isEmpty();
        assertThat(ResolveStep.retryRequested(scene.observed(), draft)).isFalse();

        draft.condition(ConditionType.Resolved, Status.True, Reason.Resolved, "back");
        assertThat(StartStep.due(scene.observed(), draft))
                .as("what was asked for while the registry was away is still wanted")
                .isPresent();
    }

    @Test
    void aRetryOfWhatServesAlreadyChangesNothingAndIsHandled() {
        var scene = scene("").annotated(ApiGroup.RETRY_ANNOTATION, "now");
        StatusDraft draft = wants(scene, "a");
        assertThat(StartStep.due(scene.observed(), draft)).isEmpty();
        assertThat(ResolveStep.retryRequested(scene.observed(), draft)).isFalse();
    }

    @Test
    void aRetryDuringAnAttemptWaitsForItsEnd() {
        var scene = scene("").annotated(ApiGroup.RETRY_ANNOTATION, "now");
        StatusDraft draft = wants(scene, "b");
        draft.rollout = Scene.rollout(Phase.Aborting, "b", "2.0.0", "a");
        assertThat(StartStep.due(scene.observed(), draft)).isEmpty();
        assertThat(ResolveStep.retryRequested(scene.observed(), draft)).isTrue();
    }

    @Test
    void aRefusalIsForgottenWhenItsRevisionIsNotWantedAnyMore() {
        var scene = scene("");
        StatusDraft draft = wants(scene, "a");
        draft.condition(ConditionType.Placed, Status.False, Reason.InsufficientVRAM, "b does not fit");
        StartStep.due(scene.observed(), draft);
        assertThat(draft.condition(ConditionType.Placed).map(Condition::status)).contains(Status.True);
    }

    @Test
    void anAttemptStartsWithANewEpochAndKnowsWhereToReturn() {
        var scene = scene("").node("n1").node("n2");
        StatusDraft draft = wants(scene, "b");
        draft.lastGood = Scene.ref("a", "1.0.0");
        var revision = StartStep.due(scene.observed(), draft).orElseThrow();
        StartStep.start(scene.observed(), draft, revision, policy(scene));
        assertThat(draft.rollout.epoch()).isEqualTo(6);
        assertThat(draft.rollout.phase()).isEqualTo(Phase.Staging);
        assertThat(draft.rollout.previous()).isEqualTo("a");
        assertThat(draft.rollout.nodes()).isEqualTo(2);
    }

    @Test
    void aRefusalLeavesTheOldAttemptAsItIs() {
        var scene = scene("");
        StatusDraft draft = wants(scene, "b");
        var before = draft.rollout;
        var revision = StartStep.due(scene.observed(), draft).orElseThrow();
        StartStep.start(scene.observed(), draft, revision, policy(scene));
        assertThat(draft.rollout).isEqualTo(before);
        assertThat(draft.condition(ConditionType.Placed).map(Condition::reason)).contains("NoMatchingNodes");
    }

    private static Policy policy(Scene scene) {
        return Policy.of(scene.deployment.getSpec().rollout());
    }

    private static Scene scene(String spec) {
        return Scene.with(spec).revision("a", "1.0.0", "sha256:a").revision("b", "2.0.0", "sha256:b");
    }

    /** A deployment on which {@code a} is confirmed. */
    private static StatusDraft wants(Scene scene, String revision) {
        StatusDraft draft = scene.draft();
        draft.rollout = Scene.rollout(Phase.Confirmed, "a", "1.0.0", null);
        draft.desired = Scene.ref(revision, revision.equals("a") ? "1.0.0" : "2.0.0");
        draft.condition(ConditionType.Resolved, Status.True, Reason.Resolved, "found");
        draft.condition(ConditionType.Verified, Status.True, Reason.Verified, "signed");
        return draft;
    }
}
