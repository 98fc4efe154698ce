package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.NOW;
import static health.vantage.models.operator.rollout.AnAttempt.SOAK;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.ACTIVE;
import static health.vantage.models.operator.rollout.Decisions.BAD;
import static health.vantage.models.operator.rollout.Decisions.PULLING;
import static health.vantage.models.operator.rollout.Decisions.SICK;
import static health.vantage.models.operator.rollout.Decisions.STAGED;
import static health.vantage.models.operator.rollout.Decisions.stays;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds in every phase; each phase has a test of its own, beside its rule. */
class RolloutDecisionTest {
    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Idle", "Confirmed", "RolledBack"})
    void whatIsSettledStaysSettledWhateverNodesSay(Phase phase) {
        RolloutDecision decision = in(phase)
                .because("SoakFailed", "as it was")
                .node("n1", BAD)
                .node("n2", ACTIVE)
                .superseded()
                .age(Duration.ofDays(30))
                .decide();
        stays(decision, phase);
        assertThat(decision.next().message()).isEqualTo("as it was");
        assertThat(decision.next().phaseSince())
                .isEqualTo(NOW.minus(Duration.ofDays(30)).toString());
    }

    @Test
    void whatAnAttemptIsAboutNeverChangesOnTheWay() {
        for (Phase phase : Phase.values()) {
            for (Said said : new Said[] {null, PULLING, STAGED, ACTIVE, BAD, SICK}) {
                Attempt before =
                        in(phase).canaries("n1").node("n1", said).age(SOAK).attempt();
                var after = RolloutDecision.decide(before).next();
                assertThat(after.epoch()).isEqualTo(2);
                assertThat(after.revision()).isEqualTo("retina-seg-2");
                assertThat(after.version()).isEqualTo("2.0.0");
                assertThat(after.previous()).isEqualTo("retina-seg-1");
                assertThat(after.generation()).isEqualTo(7);
                assertThat(after.startedAt()).isEqualTo(before.status().startedAt());
            }
        }
    }

    @Test
    void manyFailingNodesAreCountedButOnlyTenAreListed() {
        RolloutDecision decision = in(Phase.Staging).nodes(2_000, BAD).decide();
        assertThat(decision.failing()).hasSize(10);
        assertThat(decision.next().failed()).isEqualTo(2_000);
        assertThat(decision.next().message()).contains("and 1999 more nodes").hasSizeLessThan(200);
        assertThat(in(Phase.Aborting).nodes(2_000, BAD).decide().failing()).hasSize(10);
    }

    @Test
    void confirmedNodesAreCountedOnceTheySaySo() {
        RolloutDecision decision = in(Phase.Confirmed)
                .node("n1", Said.is(State.Confirmed).serving(Told.NEW))
                .node("n2", ACTIVE)
                .decide();
        assertThat(decision.next().confirmed()).isEqualTo(1);
        assertThat(decision.next().active()).isEqualTo(2);
    }
}
