package health.vantage.models.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TransitionTest {

    @ParameterizedTest(name = "to {0}: {1}, warning: {2}")
    @CsvSource({
        "Staging,    RolloutStarted,  false",
        "Canary,     StageCompleted,  false",
        "Committing, Committed,       false",
        "Soaking,    SoakStarted,     false",
        "Confirmed,  Confirmed,       false",
        "Aborting,   RollbackStarted, true",
        "RolledBack, RolledBack,      true",
    })
    void everyNewPhaseIsToldOnce(Phase phase, String name, boolean warning) {
        var before = status(Phase.Idle, 1, _ -> {});
        var after = status(phase, 2, _ -> {});
        assertThat(Transition.between(before, after)).singleElement().satisfies(told -> {
            assertThat(told.name()).isEqualTo(name);
            assertThat(told.warning()).isEqualTo(warning);
            assertThat(told.message()).contains("2.0.0");
        });
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void nothingIsToldWhereNothingChanged(Phase phase) {
        var status = status(phase, 2, _ -> {});
        assertThat(Transition.between(status, status)).isEmpty();
    }

    @Test
    void anotherAttemptIsToldEvenIfThePhaseIsTheSame() {
        assertThat(Transition.between(status(Phase.Staging, 2, _ -> {}), status(Phase.Staging, 3, _ -> {})))
                .extracting(Transition::name)
                .containsExactly("RolloutStarted");
    }

    @Test
    void aMovedTagSaysFromWhereToWhere() {
        var before = status(Phase.Confirmed, 2, draft -> draft.desired = new RevisionRef("a", "1.0.0"));
        var after = status(Phase.Confirmed, 2, draft -> draft.desired = new RevisionRef("b", "2.0.0"));
        assertThat(Transition.between(before, after)).singleElement().satisfies(told -> {
            assertThat(told.name()).isEqualTo("TagMoved");
            assertThat(told.message()).contains("1.0.0", "2.0.0");
        });
    }

    @Test
    void aDigestIsToldWhenItIsQuarantinedAndNotAgain() {
        Consumer<StatusDraft> bad = draft ->
                draft.quarantine(List.of(new QuarantinedDigest("sha256:b", "2.0.0", "SoakFailed", "errors", null)));
        var before = status(Phase.Aborting, 2, _ -> {});
        var after = status(Phase.Aborting, 2, bad);
        assertThat(Transition.between(before, after))
                .extracting(Transition::name)
                .containsExactly("DigestQuarantined");
        assertThat(Transition.between(after, after)).isEmpty();
    }

    @Test
    void onlyTheNewestTenDigestsAreRemembered() {
        var status = status(Phase.RolledBack, 2, draft -> {
            for (int i = 0; i < 12; i++) {
                var bad = new QuarantinedDigest("sha256:" + i, "1", "SoakFailed", "", null);
                draft.quarantine(List.of(bad));
                draft.quarantine(List.of(bad));
            }
        });
        assertThat(status.quarantined())
                .extracting(QuarantinedDigest::digest)
                .hasSize(10)
                .doesNotHaveDuplicates()
                .startsWith("sha256:2")
                .endsWith("sha256:11");
    }

    private static ModelDeploymentStatus status(Phase phase, long epoch, Consumer<StatusDraft> learned) {
        var deployment = new ModelDeployment();
        deployment.getMetadata().setGeneration(1L);
        StatusDraft draft = StatusDraft.of(deployment, Instant.parse("2026-11-01T12:00:00Z"));
        draft.condition(ConditionType.Ready, Status.False, Reason.Waiting, "");
        draft.rollout = new RolloutStatus(
                epoch, phase, "b", "2.0.0", "a", 1L, null, null, null, 3, 0, 0, 0, 0, "why", "SoakFailed");
        learned.accept(draft);
        return draft.finish("", "", "");
    }
}
