package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.Rollout;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Policy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every phase of {@link Scene#rollout} began half a minute ago. */
class NextLookTest {

    /** A poll that has long been due must wait, and not have the operator look twenty times a second meanwhile. */
    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Staging", "Canary", "Committing", "Soaking", "Aborting"})
    void aPollThatIsDueDuringARolloutHurriesNobody(Phase phase) {
        assertThat(after(phase, "rollout: {soak: 10m}", 100_000)).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest(name = "soak {0}, begun 30 s ago -> again in {1} ms")
    @CsvSource({"10m, 2000", "31s, 1050", "30s, 2000", "1s, 2000"})
    void theEndOfSoakIsNotMissed(String soak, long millis) {
        assertThat(after(Phase.Soaking, "rollout: {soak: " + soak + "}", 10)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest(name = "resolved {0} s ago -> again in {1} ms")
    @CsvSource({"10, 60000", "270, 30050", "400, 50"})
    void whatIsSettledAndReadyIsLookedAtWhenItsPollIsDue(long ago, long millis) {
        assertThat(after(Phase.Confirmed, "", ago)).isEqualTo(Duration.ofMillis(millis));
    }

    /** However long ago the registry was asked last: it is not asked before somebody mends the spec. */
    @ParameterizedTest
    @ValueSource(strings = {"resolve: {interval: soon}", "rollout: {soak: 1 fortnight}"})
    void aSpecThatIsWrongHurriesNobody(String wrong) {
        StatusDraft draft = draft(Scene.with(wrong), Phase.RolledBack, 400);
        Policy before = Policy.of(new Rollout(null, null, null, null, null, null, null));
        assertThat(NextLook.after(Scene.with(wrong).observed(), draft, before)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void whatIsTurnedBackIsLookedAtSooner() {
        assertThat(after(Phase.RolledBack, "", 10)).isEqualTo(Duration.ofSeconds(10));
    }

    private static Duration after(Phase phase, String spec, long resolvedSecondsAgo) {
        Scene scene = Scene.with(spec).revision("a", "1.0.0", "sha256:a");
        return NextLook.after(
                scene.observed(),
                draft(scene, phase, resolvedSecondsAgo),
                Policy.of(scene.observed().deployment().getSpec().rollout()));
    }

    private static StatusDraft draft(Scene scene, Phase phase, long resolvedSecondsAgo) {
        StatusDraft draft = scene.draft();
        draft.desired = Scene.ref("a", "1.0.0");
        draft.resolvedAt = Scene.NOW.minusSeconds(resolvedSecondsAgo).toString();
        draft.rollout = Scene.rollout(phase, "a", "1.0.0", null);
        draft.condition(ConditionType.Resolved, Status.True, Reason.Resolved, "");
        draft.condition(ConditionType.Ready, phase == Phase.Confirmed ? Status.True : Status.False, Reason.Waiting, "");
        return draft;
    }
}
