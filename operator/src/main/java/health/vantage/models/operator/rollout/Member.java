package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.operator.plan.NodeFacts;
import java.util.Optional;

/**
 * One node that takes part in an attempt.
 *
 * @param told the instruction of this epoch that it carries
 * @param report what its runner says of this epoch; empty while it speaks of an older one
 */
public record Member(NodeFacts node, ModelInstruction told, Optional<ModelState> report) {

    /** The node as a member of the given epoch of a deployment, if it carries an instruction of that epoch. */
    public static Optional<Member> of(NodeFacts node, String model, String deploymentUid, long epoch) {
        return node.instruction(model)
                .filter(told -> told.deployment().uid().equals(deploymentUid) && told.epoch() == epoch)
                .map(told -> new Member(node, told, node.report(model).filter(said -> said.epoch() == epoch)));
    }

    public String name() {
        return node.name();
    }

    public boolean reachable() {
        return node.reachable();
    }

    boolean staged() {
        return is(State.Staged, State.Activating) || serves();
    }

    /** Whether it answers requests with the target of this epoch. */
    public boolean serves() {
        return is(State.Active, State.Confirmed)
                && report.orElseThrow().activeDigest() != null
                && report.orElseThrow().activeDigest().equals(told.target().digest());
    }

    /** Whether it failed, or went back, by itself or because it was told to. */
    public boolean lost() {
        return is(State.Failed, State.Reverting, State.Reverted);
    }

    /** Whether it is where an abort wants it. */
    boolean back() {
        return is(State.Reverted)
                || is(State.Failed)
                        && told.returnTo()
                                .map(good -> good.digest()
                                        .equals(report.orElseThrow().activeDigest()))
                                .orElse(report.orElseThrow().activeDigest() == null);
    }

    private boolean is(State... states) {
        return report.filter(said -> java.util.Arrays.asList(states).contains(said.state()))
                .isPresent();
    }
}
