package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.Claim;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import org.junit.jupiter.api.Test;

class ClaimsTest {

    @Test
    void onlyWhoWasRefusedAndStillWantsItWaits() {
        var scene = Scene.with("").revision("b", "2.0.0", "sha256:b");
        scene.other(other("waits", "", true, "b"))
                .other(other("serves", "", false, "b"))
                .other(other("paused", ", paused: true", true, "b"))
                .other(other("unknown", "", true, "no-such-revision"));
        ModelDeployment going = other("going", "", true, "b");
        going.getMetadata().setDeletionTimestamp(Scene.NOW.toString());
        scene.other(going);
        assertThat(Claims.waiting(scene.observed())).extracting(Claim::model).containsExactly("waits");
    }

    @Test
    void aDeploymentIsNotAmongTheOthers() {
        var scene = Scene.with("").other(other("x", "", false, "b"));
        assertThat(scene.observed().others())
                .extracting(d -> d.getMetadata().getName())
                .containsExactly("x");
    }

    private static ModelDeployment other(String name, String spec, boolean refused, String desired) {
        ModelDeployment other = Scene.deployment(
                name, "uid-" + name, "model: {repository: r.example/x, capabilities: [x]}, tiers: [rtx]" + spec);
        StatusDraft draft = StatusDraft.of(other, Scene.NOW);
        draft.desired = Scene.ref(desired, "2.0.0");
        draft.condition(ConditionType.Ready, Status.False, Reason.Waiting, "");
        draft.condition(ConditionType.Placed, refused ? Status.False : Status.True, Reason.Placed, "");
        other.setStatus(draft.finish("", "", ""));
        return other;
    }
}
