package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.api.Verification;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.report.StatusDraft;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettlingTest {

    @ParameterizedTest(name = "{0}, last good {1} -> {2} is brought along by {3}")
    @CsvSource({
        "Confirmed,  ,  n2, Confirm",
        "RolledBack, a, n2, Abort",
        "RolledBack, ,  ,   Abort",
        "Staging,    a, ,   Confirm",
        "Soaking,    a, ,   Confirm",
    })
    void aNodeThatJoinsIsBroughtWhereTheOthersAreOnceTheAttemptIsSettled(
            Phase phase, String previous, String late, Step step) {
        var scene = Scene.with("")
                .revision("b", "2.0.0", "sha256:b")
                .node("n1", "rtx", told(5, Scene.UID), null)
                .node("n2");
        assertThat(latecomers(scene, phase, previous)).isEqualTo(late == null ? List.of() : List.of(late));
        StatusDraft draft = scene.draft();
        draft.rollout = Scene.rollout(phase, "b", "2.0.0", previous);
        assertThat(Settling.latecomerStep(draft)).isEqualTo(step);
    }

    @Test
    void nobodyIsBroughtAnythingWhileTheRevisionIsUnknown() {
        assertThat(latecomers(Scene.with("").node("n2"), Phase.Confirmed, null)).isEmpty();
    }

    @Test
    void firstFitTakesNoOtherTierForLatecomers() {
        var scene = Scene.of(
                        "model: {repository: r.example/m, capabilities: [cv3]}, tiers: [rtx, dgx], placement: FirstFit")
                .tier("rtx")
                .tier("dgx")
                .revision("b", "2.0.0", "sha256:b", "rtx", "dgx")
                .node("n1", "dgx", told(5, Scene.UID), null)
                .node("n2")
                .node("n3", "dgx", null, null);
        assertThat(latecomers(scene, Phase.Confirmed, null)).containsExactly("n3");
    }

    @Test
    void nodesOfATierThatIsNotNamedAnyMoreForget() {
        var scene = Scene.with("")
                .tier("dgx")
                .node("n1", "rtx", told(5, Scene.UID), null)
                .node("n2", "dgx", told(4, Scene.UID), null)
                .node("n3", "dgx", told(4, "uid-of-another"), null);
        assertThat(strangers(scene, Phase.Confirmed)).containsExactly("n2");
        assertThat(strangers(scene, Phase.Soaking))
                .as("they serve on until the new attempt is good")
                .isEmpty();
    }

    @Test
    void firstFitLeavesTheTierItWasOnBefore() {
        var scene = Scene.of(
                        "model: {repository: r.example/m, capabilities: [cv3]}, tiers: [rtx, dgx], placement: FirstFit")
                .tier("rtx")
                .tier("dgx")
                .node("n1", "rtx", told(4, Scene.UID), null)
                .node("n2", "dgx", told(5, Scene.UID), null);
        assertThat(strangers(scene, Phase.Confirmed)).containsExactly("n1");
    }

    private static List<String> strangers(Scene scene, Phase phase) {
        StatusDraft draft = scene.draft();
        draft.rollout = Scene.rollout(phase, "b", "2.0.0", null);
        return Settling.strangers(scene.observed(), draft, scene.observed().facts()).stream()
                .map(NodeFacts::name)
                .toList();
    }

    private static List<String> latecomers(Scene scene, Phase phase, String previous) {
        StatusDraft draft = scene.draft();
        draft.rollout = Scene.rollout(phase, "b", "2.0.0", previous);
        Observed observed = scene.observed();
        return Settling.latecomers(observed, draft, observed.members(observed.facts(), 5)).stream()
                .map(placement -> placement.node().name())
                .toList();
    }

    private static ModelInstruction told(long epoch, String uid) {
        return new ModelInstruction(
                "retina-seg",
                new DeploymentRef("imaging", "retina-seg", uid),
                epoch,
                Step.Confirm,
                new ArtifactRef("r.example/m", "sha256:b", "b", "2.0.0", 4_000L, 1L),
                null,
                List.of(),
                Verification.NONE,
                0,
                true,
                3,
                0.01);
    }
}
