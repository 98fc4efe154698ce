package health.vantage.models.operator.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.api.Verification;
import health.vantage.models.operator.plan.Fit;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Plan;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Policy;
import java.util.List;
import org.junit.jupiter.api.Test;

class WishesTest {

    @Test
    void aNodeIsToldWhatToServeAndWhereToReturn() {
        ModelInstruction first =
                first(Scene.with("").revision("a", "1.0.0", "sha256:a").revision("b", "2.0.0", "sha256:b"), null);
        assertThat(first.epoch()).isEqualTo(5);
        assertThat(first.target().digest()).isEqualTo("sha256:b");
        assertThat(first.returnTo().map(ArtifactRef::digest)).contains("sha256:a");
        assertThat(first.verify().publicKeys()).containsExactly("PEM");
        assertThat(first.quarantined()).containsExactly("sha256:bad");
    }

    @Test
    void aDeletedRevisionIsStillReturnedToOnNodesThatServeIt() {
        assertThat(first(withoutTheOld(), told("a", "sha256:a", null))
                        .returnTo()
                        .map(ArtifactRef::digest))
                .contains("sha256:a");
        assertThat(first(withoutTheOld(), told("x", "sha256:x", new ArtifactRef("r", "sha256:a", "a", "1", 1L, 1L)))
                        .returnTo()
                        .map(ArtifactRef::digest))
                .as("one that was turned back says it as its last good")
                .contains("sha256:a");
        assertThat(first(withoutTheOld(), told("x", "sha256:x", null)).returnTo())
                .isEmpty();
    }

    @Test
    void sayingTheSameAgainChangesNothing() {
        var scene = Scene.with("").revision("b", "2.0.0", "sha256:b");
        ModelInstruction said = first(scene, null);
        scene.node("n", "rtx", said, null);
        Observed observed = scene.observed();
        StatusDraft draft = draft(scene);
        var member = observed.members(observed.facts(), 5).getFirst();
        assertThat(new Wishes(observed, draft, policy(scene), Verification.NONE).next(member))
                .isEqualTo(said);
    }

    private static Scene withoutTheOld() {
        return Scene.with("").revision("b", "2.0.0", "sha256:b");
    }

    private static ModelInstruction first(Scene scene, ModelInstruction before) {
        scene.node("node", "rtx", before, null);
        Observed observed = scene.observed();
        NodeFacts node = observed.facts().getFirst();
        var artifact =
                observed.revision("b").orElseThrow().getSpec().artifacts().getFirst();
        return new Wishes(observed, draft(scene), policy(scene), Verification.keys(List.of("PEM")))
                .first(new Plan.Placement(node, artifact, new Fit.Fits(0, true)), Step.Stage);
    }

    private static StatusDraft draft(Scene scene) {
        StatusDraft draft = scene.draft();
        draft.rollout = Scene.rollout(Phase.Staging, "b", "2.0.0", "a");
        draft.quarantined = List.of(new QuarantinedDigest("sha256:bad", "0", "SoakFailed", "", null));
        return draft;
    }

    private static Policy policy(Scene scene) {
        return Policy.of(scene.deployment.getSpec().rollout());
    }

    private static ModelInstruction told(String revision, String digest, ArtifactRef lastGood) {
        return new ModelInstruction(
                "retina-seg",
                new DeploymentRef("imaging", "retina-seg", Scene.UID),
                4L,
                Step.Confirm,
                new ArtifactRef("r.example/m", digest, revision, "1.0.0", 4_000L, 1L),
                lastGood,
                List.of(),
                Verification.NONE,
                0,
                true,
                3,
                0.01);
    }
}
