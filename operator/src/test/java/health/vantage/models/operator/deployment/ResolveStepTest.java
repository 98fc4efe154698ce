package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResolveStepTest {

    @ParameterizedTest(name = "{0}, resolved {1} s ago, failed: {2} -> again in {3} s")
    @CsvSource({
        "Poll,   10, false, 290",
        "Poll,  400, false, 0",
        "Poll,   10, true,  5",
        "Once,   10, false,",
        "Once,   20, true,  0",
        "Manual, 10, false,",
        "Manual, 10, true,  5",
    })
    void thePollIntervalCountsAndAFailureIsTriedSooner(String policy, long ago, boolean failed, Long seconds) {
        var scene = settled("resolve: {policy: " + policy + "}");
        StatusDraft draft = draft(scene, ago, failed);
        assertThat(ResolveStep.next(scene.observed(), draft)
                        .map(Duration::toSeconds)
                        .orElse(null))
                .isEqualTo(seconds);
    }

    @Test
    void aFailureIsNotTriedLaterThanThePollInterval() {
        var scene = settled("resolve: {interval: 2s}");
        assertThat(ResolveStep.next(scene.observed(), draft(scene, 1, true))).contains(Duration.ofSeconds(1));
    }

    @Test
    void aSpecThatWasNeverResolvedIsDue() {
        var scene = settled("");
        assertThat(ResolveStep.due(scene.observed(), scene.draft())).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Canary", "Committing", "Soaking", "Aborting"})
    void anEditWhileNodesSwapIsResolvedOnceTheyHave(Phase phase) {
        var scene = settled("resolve: {policy: Once}");
        scene.deployment.getMetadata().setGeneration(3L);
        StatusDraft before = draft(scene, 10, false);
        before.rollout = Scene.rollout(phase, "a", "1.0.0", null);
        scene.deployment.setStatus(before.condition(ConditionType.Ready)
                .map(_ -> before.finish("", "", ""))
                .orElseGet(() -> {
                    before.condition(ConditionType.Ready, Status.False, Reason.Waiting, "");
                    return before.finish("", "", "");
                }));
        scene.deployment.getMetadata().setGeneration(4L);
        StatusDraft swapping = scene.draft();
        assertThat(ResolveStep.due(scene.observed(), swapping)).isFalse();
        // The status is written while nodes swap, with the new observedGeneration.
        scene.deployment.setStatus(swapping.finish("", "", ""));
        StatusDraft after = scene.draft();
        after.rollout = Scene.rollout(Phase.Confirmed, "a", "1.0.0", null);
        assertThat(ResolveStep.due(scene.observed(), after)).isTrue();
    }

    @Test
    void aTagThatMovesWhileNodesStageWaitsForTheNextEpoch() {
        var scene = settled("");
        StatusDraft draft = draft(scene, 100_000, false);
        draft.rollout = Scene.rollout(Phase.Staging, "a", "1.0.0", null);
        assertThat(ResolveStep.due(scene.observed(), draft)).isFalse();
    }

    @Test
    void anEditWhileNodesStageIsResolvedAtOnce() {
        var scene = settled("");
        StatusDraft draft = draft(scene, 10, false);
        draft.rollout = Scene.rollout(Phase.Staging, "a", "1.0.0", null);
        draft.condition(ConditionType.Ready, Status.False, Reason.Waiting, "");
        scene.deployment.setStatus(draft.finish("", "", ""));
        scene.deployment.getMetadata().setGeneration(4L);
        assertThat(ResolveStep.due(scene.observed(), scene.draft())).isTrue();
    }

    /** Else nodes would swap to what nobody wants any more, because a registry was away for a moment. */
    @Test
    void anEditThatCouldNotBeResolvedWhileNodesStageIsTriedAgainBeforeTheySwap() {
        var scene = settled("resolve: {policy: Once}");
        StatusDraft draft = draft(scene, 10, true);
        draft.rollout = Scene.rollout(Phase.Staging, "a", "1.0.0", null);
        scene.annotated(ApiGroup.RETRY_ANNOTATION, "now");
        assertThat(ResolveStep.due(scene.observed(), draft))
                .as("a retry, which waits for the end of the rollout, hurries nobody")
                .isFalse();
        assertThat(ResolveStep.next(scene.observed(), draft)).contains(Duration.ofSeconds(5));
        draft.resolvedAt = Scene.NOW.minusSeconds(15).toString();
        assertThat(ResolveStep.due(scene.observed(), draft)).isTrue();
        draft.rollout = Scene.rollout(Phase.Canary, "a", "1.0.0", null);
        assertThat(ResolveStep.due(scene.observed(), draft)).isFalse();
        assertThat(ResolveStep.next(scene.observed(), draft)).isEmpty();
    }

    @ParameterizedTest(name = "{0} = ''{1}'' -> due {2}")
    @CsvSource({"resolve, now, true", "resolve, '', false", "retry, now, true", "retry, '', false"})
    void anAnnotationIsActedUponUnlessItIsEmpty(String annotation, String value, boolean due) {
        var scene = settled("resolve: {policy: Manual}").annotated(ApiGroup.GROUP + "/" + annotation, value);
        StatusDraft draft = draft(scene, 10, false);
        assertThat(ResolveStep.due(scene.observed(), draft)).isEqualTo(due);
        draft.handledResolve = value;
        draft.handledRetry = value;
        assertThat(ResolveStep.due(scene.observed(), draft)).isFalse();
    }

    @Test
    void aDesiredRevisionThatSomebodyDeletedIsMadeAgain() {
        var scene = settled("resolve: {policy: Manual}");
        StatusDraft draft = draft(scene, 20, false);
        draft.desired = Scene.ref("gone", "2.0.0");
        assertThat(ResolveStep.due(scene.observed(), draft)).isTrue();
        draft.resolvedAt = Scene.NOW.minusSeconds(1).toString();
        assertThat(ResolveStep.due(scene.observed(), draft))
                .as("one made a second ago may not be in the cache yet")
                .isFalse();
    }

    private static Scene settled(String spec) {
        return Scene.with(spec).revision("a", "1.0.0", "sha256:a");
    }

    private static StatusDraft draft(Scene scene, long secondsAgo, boolean failed) {
        StatusDraft draft = scene.draft();
        draft.resolvedAt = Scene.NOW.minusSeconds(secondsAgo).toString();
        draft.desired = Scene.ref("a", "1.0.0");
        draft.rollout = Scene.rollout(Phase.Confirmed, "a", "1.0.0", null);
        draft.condition(
                ConditionType.Resolved,
                failed ? Status.False : Status.True,
                failed ? Reason.RegistryUnavailable : Reason.Resolved,
                "");
        return draft;
    }
}
