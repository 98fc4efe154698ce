package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelRevisionStatus.Outcome;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.world.Load;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A version that is no good leaves every node where it was. */
@WithStoryWorld
class RollbackStoriesTest {
    private final StoryWorld world;

    RollbackStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void aNodeThatFailsPreflightStopsEveryNode() {
        try (Story story = new Story(world, "bad-golden");
                VectorClient clinic = world.asks(StoryWorld.CLINIC_A, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");

            try (Load load = Load.of(List.of(() -> clinic.versionFor(1)))) {
                Digest bad = publishBadForTheWorkstation(story, "1.1.0");
                story.awaitSettled(Phase.RolledBack, "1.1.0");
                load.stop();
                assertThat(load.failures()).isEmpty();
                assertThat(load.versions().keySet()).isEqualTo(Set.of("1.0.0"));
                assertThat(story.status().quarantined())
                        .extracting(QuarantinedDigest::digest)
                        .containsExactly(bad.toString());
            }
            assertThat(story.is("Ready", Status.False, "RolledBack")).isTrue();
            assertThat(story.condition("Ready").message())
                    .contains("1.1.0 was turned back (PreflightFailed)", StoryWorld.WORKSTATION, "golden");
            assertThat(story.is("Stalled", Status.True, "RolledBack")).isTrue();
            assertThat(story.condition("Available").status()).isEqualTo(Status.True);
            assertThat(story.status().version()).isEqualTo("1.0.0");
            assertThat(story.status().nodes()).isEqualTo("3/3");
            assertThat(story.status().failingNodes()).singleElement().satisfies(problem -> {
                assertThat(problem.node()).isEqualTo(StoryWorld.WORKSTATION);
                assertThat(problem.reason()).isEqualTo("PreflightFailed");
            });
            story.await(
                    "the revision says so",
                    () -> story.revisions().getLast().getStatus().outcome() == Outcome.RolledBack);
            assertThat(story.events().subList(5, story.events().size()))
                    .containsExactlyInAnyOrder(
                            "TagMoved", "RolloutStarted", "RollbackStarted", "DigestQuarantined", "RolledBack");
        }
    }

    @Test
    void aVersionThatFailsInSoakGoesBackOnEveryNodeAndARetryTriesItAgain() {
        try (Story story = new Story(world, "fails-in-soak");
                VectorClient clinic = world.asks(StoryWorld.CLINIC_A, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(Map.of("rollout.soak", "6s", "rollout.canaryNodes", 0));
            story.awaitReady("1.0.0");

            try (Load load = Load.of(List.of(() -> clinic.versionFor(9)))) {
                story.publish("1.1.0", OnnxModels.failsAbove(5, Story.shape()));
                story.awaitSettled(Phase.RolledBack, "1.1.0");
                load.stop();
                assertThat(load.failures()).isNotEmpty();
            }
            assertThat(story.status().rollout().abortReason()).isEqualTo("SoakFailed");
            for (String node : StoryWorld.NODES) {
                try (VectorClient client = world.asks(node, story)) {
                    assertThat(client.ask(9).version()).isEqualTo("1.0.0");
                }
            }
            long epoch = story.status().rollout().epoch();

            // Nobody asks for what it cannot do any more.
            story.annotate(ApiGroup.RETRY_ANNOTATION, "now");
            story.awaitReady("1.1.0");
            assertThat(story.status().rollout().epoch()).isEqualTo(epoch + 1);
            assertThat(story.status().quarantined()).isEmpty();
        }
    }

    @Test
    void aFirstRolloutThatFailsServesNothing() {
        try (Story story = new Story(world, "first-fails");
                VectorClient workstation = world.asks(StoryWorld.WORKSTATION, story);
                VectorClient clinic = world.asks(StoryWorld.CLINIC_A, story)) {
            publishBadForTheWorkstation(story, "1.0.0");

            story.apply();

            story.awaitSettled(Phase.RolledBack, "1.0.0");
            assertThat(story.is("Ready", Status.False, "RolledBack")).isTrue();
            story.awaitCondition("Available", Status.False, "NothingServed");
            assertThat(story.status().lastGood()).isNull();
            assertThat(workstation.said(1)).matches("(?s)(UNAVAILABLE|NOT_FOUND): .*first-fails.*");
            assertThat(clinic.said(1)).matches("(?s)(UNAVAILABLE|NOT_FOUND): .*first-fails.*");

            story.publish("1.0.1", OnnxModels.scale(1, Story.shape()));
            story.awaitReady("1.0.1");
        }
    }

    @Test
    void theSpecSetBackToAGoodVersionIsReadyAgain() {
        try (Story story = new Story(world, "back-to-good")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            publishBadForTheWorkstation(story, "1.1.0");
            story.awaitSettled(Phase.RolledBack, "1.1.0");

            story.change(Map.of("model.capabilities", java.util.Optional.empty(), "model.version", "1.0.0"));

            story.awaitReady("1.0.0");
            assertThat(story.condition("Stalled").status()).isEqualTo(Status.False);
            assertThat(story.status().rollout().phase()).isEqualTo(Phase.Confirmed);
        }
    }

    @Test
    void theTagMovedBackToAGoodVersionIsReadyAgain() {
        try (Story story = new Story(world, "tag-moves-back")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            publishBadForTheWorkstation(story, "1.1.0");
            story.awaitSettled(Phase.RolledBack, "1.1.0");

            story.publisher().moveTags(Story.release("1.0.0"));

            story.awaitReady("1.0.0");
        }
    }

    @Test
    void aTagThatMovesBelowTheLastGoodVersionIsRefused() {
        try (Story story = new Story(world, "downgrade")) {
            story.publisher().release(Story.release("0.9.0"), story.files(OnnxModels.scale(1, Story.shape())));
            story.publish("1.0.0", OnnxModels.scale(2, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");

            story.publisher().moveTags(Story.release("0.9.0"));

            story.awaitCondition("Resolved", Status.False, "Downgrade");
            assertThat(story.condition("Ready").message()).contains("0.9.0", "1.0.0", "spec.model.version");
            assertThat(story.status().version()).isEqualTo("1.0.0");
        }
    }

    /** Good on the Jetsons; on the workstation the golden sample tells another story than the model. */
    private static Digest publishBadForTheWorkstation(Story story, String version) {
        byte[] model = OnnxModels.scale(3, Story.shape());
        ByteBuffer ones = vector(1);
        Path lies = story.folder(model)
                .golden("x", Story.shape(), ones, "y", Story.shape(), vector(7))
                .root();
        story.publisher().release(Story.release(version, "jetson"), story.files(model));
        Digest bad =
                story.publisher().release(Story.release(version, "rtx"), lies).getFirst();
        story.publisher().moveTags(Story.release(version));
        return bad;
    }

    private static ByteBuffer vector(float value) {
        ByteBuffer bytes =
                ByteBuffer.allocate(VectorClient.LENGTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }
}
