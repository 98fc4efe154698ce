package health.vantage.models.operator.rollout;

import static health.vantage.models.operator.rollout.AnAttempt.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import java.time.Duration;

/** What tests of decisions ask of nodes and of the outcome. */
final class Decisions {
    static final Said STAGED = Said.is(State.Staged).serving(Told.OLD);
    static final Said PULLING = Said.is(State.Pulling).serving(Told.OLD);
    static final Said ACTIVE = Said.serves();
    static final Said BAD = Said.failed("PreflightFailed", "golden sample differs by 0.4");
    static final Said SICK =
            Said.failed("BackendLost", "the GPU fell off the bus").serving(Told.OLD);
    static final Quorum ALL = new Quorum.All();
    static final Duration TICK = Duration.ofMillis(1);

    static void stays(RolloutDecision decision, Phase phase) {
        assertThat(decision.next().phase()).isEqualTo(phase);
        assertThat(decision.fault()).isEmpty();
    }

    static void advances(RolloutDecision decision, Phase to) {
        assertThat(decision.next().phase()).isEqualTo(to);
        assertThat(decision.next().phaseSince()).isEqualTo(NOW.toString());
        assertThat(decision.fault()).isEmpty();
        assertThat(decision.next().abortReason()).isNull();
    }

    static Fault turnsBack(RolloutDecision decision, Reason why) {
        assertThat(decision.next().phase()).isEqualTo(Phase.Aborting);
        assertThat(decision.next().phaseSince()).isEqualTo(NOW.toString());
        assertThat(decision.next().abortReason()).isEqualTo(why.name());
        Fault fault = decision.fault().orElseThrow();
        assertThat(fault.reason()).isEqualTo(why);
        assertThat(decision.next().message()).isEqualTo(fault.message());
        return fault;
    }

    private Decisions() {}
}
