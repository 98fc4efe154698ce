package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.ACTIVATE_TIMEOUT;
import static health.vantage.models.operator.rollout.AnAttempt.in;
import static health.vantage.models.operator.rollout.Decisions.ACTIVE;
import static health.vantage.models.operator.rollout.Decisions.SICK;
import static health.vantage.models.operator.rollout.Decisions.STAGED;
import static health.vantage.models.operator.rollout.Decisions.TICK;
import static health.vantage.models.operator.rollout.Decisions.advances;
import static health.vantage.models.operator.rollout.Decisions.stays;
import static health.vantage.models.operator.rollout.Decisions.turnsBack;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import org.junit.jupiter.api.Test;

class CanaryRuleTest {
    @Test
    void commitsWhenEveryCanaryServes() {
        RolloutDecision decision = in(Phase.Canary)
                .canaries("n1", "j1")
                .node("n1", ACTIVE)
                .node("n2", STAGED)
                .member(ANode.named("j1").tier("jetson"), ACTIVE)
                .decide();
        advances(decision, Phase.Committing);
        assertThat(decision.next().canaries())
                .as("canaries stay what they were")
                .containsExactly("n1", "j1");
        assertThat(decision.next().active()).isEqualTo(2);
    }

    @Test
    void waitsForTheCanariesOnly() {
        stays(
                in(Phase.Canary)
                        .canaries("n1")
                        .node("n1", STAGED)
                        .node("n2", ACTIVE)
                        .decide(),
                Phase.Canary);
    }

    @Test
    void aCanaryThatFailsStopsEveryNode() {
        Fault fault = turnsBack(
                in(Phase.Canary)
                        .canaries("n1")
                        .node("n1", Said.failed("CrashedOnLoad", "SIGSEGV in libnvinfer"))
                        .nodes(5, STAGED)
                        .decide(),
                Reason.CrashedOnLoad);
        assertThat(fault.quarantine()).containsExactly(Told.NEW);
    }

    @Test
    void aSickCanaryIsAFaultOfTheNode() {
        Fault fault = turnsBack(
                in(Phase.Canary)
                        .canaries("n1")
                        .node("n1", SICK)
                        .nodes(5, STAGED)
                        .decide(),
                Reason.ActivateFailed);
        assertThat(fault.quarantine()).isEmpty();
        assertThat(fault.nodes()).extracting(NodeProblem::node).containsExactly("n1");
    }

    @Test
    void timesOutExactlyAtTheLimit() {
        AnAttempt attempt = in(Phase.Canary).canaries("n1").node("n1", STAGED).node("n2", STAGED);
        stays(attempt.age(ACTIVATE_TIMEOUT.minus(TICK)).decide(), Phase.Canary);
        turnsBack(attempt.age(ACTIVATE_TIMEOUT).decide(), Reason.ActivateTimeout);
    }

    @Test
    void aCanaryThatServesSomethingElseDoesNotServe() {
        stays(
                in(Phase.Canary)
                        .canaries("n1")
                        .node("n1", ACTIVE.serving(Told.OLD))
                        .node("n2", STAGED)
                        .decide(),
                Phase.Canary);
        stays(
                in(Phase.Canary)
                        .canaries("n1")
                        .node("n1", ACTIVE.serving(null))
                        .node("n2", STAGED)
                        .decide(),
                Phase.Canary);
    }

    @Test
    void aDeletedCanaryIsNotWaitedFor() {
        advances(
                in(Phase.Canary)
                        .canaries("n1", "gone")
                        .node("n1", ACTIVE)
                        .node("n2", STAGED)
                        .decide(),
                Phase.Committing);
        advances(in(Phase.Canary).canaries("gone").node("n2", STAGED).decide(), Phase.Committing);
    }

    @Test
    void aLoneCanaryThatVanishesLeavesNoProof() {
        AnAttempt attempt = in(Phase.Canary).canaries("n1").away("n1", STAGED).node("n2", STAGED);
        stays(attempt.decide(), Phase.Canary);
        turnsBack(attempt.age(ACTIVATE_TIMEOUT).decide(), Reason.NoReachableNodes);
    }
}
