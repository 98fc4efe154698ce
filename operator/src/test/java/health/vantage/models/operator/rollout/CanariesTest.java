package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.STAGE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.PULLING;
import static health.vantage.models.operator.rollout.Decisions.STAGED;
import static health.vantage.models.operator.rollout.Decisions.advances;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.Quorum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanariesTest {
    @Test
    void takesSoManyPerTierByName() {
        RolloutDecision decision = in(Phase.Staging)
                .canaryNodes(2)
                .node("r3", STAGED)
                .node("r1", STAGED)
                .node("r2", STAGED)
                .member(ANode.named("j1").tier("jetson"), STAGED)
                .decide();
        assertThat(decision.next().canaries()).containsExactly("j1", "r1", "r2");
    }

    @Test
    void prefersNodesThatCanBeReached() {
        RolloutDecision decision =
                in(Phase.Staging).away("n1", STAGED).node("n2", STAGED).decide();
        assertThat(decision.next().canaries()).containsExactly("n2");
    }

    @Test
    void neverTakesANodeThatHasNotStagedIt() {
        RolloutDecision decision = in(Phase.Staging)
                .needs(new Quorum.Share(50))
                .age(STAGE_TIMEOUT)
                .node("n1", PULLING)
                .node("n2", STAGED)
                .decide();
        assertThat(decision.next().canaries()).containsExactly("n2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"All", "Reachable"})
    void isNotSkippedBecauseEveryNodeIsAwayAtThatMoment(String quorum) {
        RolloutDecision decision = in(Phase.Staging)
                .needs(Quorum.parse(quorum))
                .away("n1", STAGED)
                .away("n2", STAGED)
                .decide();
        advances(decision, Phase.Canary);
        assertThat(decision.next().canaries()).containsExactly("n1");
    }
}
