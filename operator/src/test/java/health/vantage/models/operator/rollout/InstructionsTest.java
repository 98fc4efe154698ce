package health.vantage.models.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InstructionsTest {
    private static Step told(Phase phase, String node, Said said) {
        Attempt attempt =
                AnAttempt.in(phase).canaries("canary").node(node, said).attempt();
        return Instructions.stepFor(attempt.status(), attempt.members().getFirst());
    }

    @ParameterizedTest(name = "{0}: a canary is told {1}, another node {2}, a lost node {3}")
    @CsvSource({
        "Staging,    Stage,    Stage,    Stage",
        "Canary,     Activate, Stage,    Abort",
        "Committing, Activate, Activate, Abort",
        "Soaking,    Activate, Activate, Abort",
        "Confirmed,  Confirm,  Confirm,  Abort",
        "Aborting,   Abort,    Abort,    Abort",
        "RolledBack, Abort,    Abort,    Abort",
    })
    void whatANodeIsToldFollowsFromThePhase(Phase phase, Step canary, Step other, Step lost) {
        for (Said said : new Said[] {
            null, Said.is(State.Pulling), Said.is(State.Staged), Said.is(State.Activating), Said.serves()
        }) {
            assertThat(told(phase, "canary", said)).isEqualTo(canary);
            assertThat(told(phase, "other", said)).isEqualTo(other);
        }
        for (State state : new State[] {State.Failed, State.Reverting, State.Reverted}) {
            assertThat(told(phase, "canary", Said.is(state))).isEqualTo(lost);
            assertThat(told(phase, "other", Said.is(state))).isEqualTo(lost);
        }
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void whereNothingIsUnderWayTheInstructionStaysWhatItIs(Step step) {
        Member member = Member.of(ANode.named("n1").told(Told.to(step)).facts(), Told.MODEL, Told.UID, 2)
                .orElseThrow();
        RolloutStatus idle = AnAttempt.in(Phase.Idle).attempt().status();
        assertThat(Instructions.stepFor(idle, member)).isEqualTo(step);
    }

    @Test
    void onlyAnInstructionOfThisEpochAndThisDeploymentMakesAMember() {
        var node = ANode.named("n1")
                .told(Told.to(Step.Stage))
                .said(Said.is(State.Staged).in(1))
                .facts();
        assertThat(Member.of(node, Told.MODEL, Told.UID, 2))
                .hasValueSatisfying(
                        m -> assertThat(m.report()).as("it speaks of epoch 1").isEmpty());
        assertThat(Member.of(node, Told.MODEL, Told.UID, 1)).isEmpty();
        assertThat(Member.of(node, Told.MODEL, Told.UID, 3)).isEmpty();
        assertThat(Member.of(node, Told.MODEL, "uid-of-its-predecessor", 2)).isEmpty();
        assertThat(Member.of(node, "another", Told.UID, 2)).isEmpty();
    }
}
