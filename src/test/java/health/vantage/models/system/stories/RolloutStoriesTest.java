package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.api.ModelRevisionStatus.Outcome;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.world.Load;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** New versions reach every node, or none notices. */
@WithStoryWorld
class RolloutStoriesTest {
    private final StoryWorld world;

    RolloutStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void whatIsAppliedServesOnEveryNodeAndEverybodyCanSeeWhatItIs() {
        try (Story story = new Story(world, "first-steps")) {
            List<Digest> digests =
                    story.publisher().release(Story.release("1.0.0"), story.files(OnnxModels.scale(2, Story.shape())));
            story.publisher().moveTags(Story.release("1.0.0"));

            story.apply();

            assertThat(story.kubectl("wait", "--for=condition=Ready", "vmd/first-steps", "--timeout=60s"))
                    .contains("condition met");
            for (String node : StoryWorld.NODES) {
                try (VectorClient client = world.asks(node, story)) {
                    assertThat(client.ask(3)).isEqualTo(new VectorClient.Answer(6, "1.0.0"));
                }
            }
            story.await("every node says that it confirmed", () -> StoryWorld.NODES.stream()
                    .allMatch(node -> story.said(node)
                            .filter(said -> said.state() == State.Confirmed)
                            .isPresent()));
            assertThat(story.is("Ready", Status.True, "Confirmed")).isTrue();
            assertThat(story.is("Available", Status.True, "Confirmed")).isTrue();
            assertThat(story.condition("Stalled").status()).isEqualTo(Status.False);
            assertThat(story.condition("Reconciling").status()).isEqualTo(Status.False);
            assertThat(story.status().nodes()).isEqualTo("3/3");
            assertThat(story.kubectl("get", "vmd", "first-steps")).contains("1.0.0", "jetson,rtx", "3/3", "Confirmed");
            story.await("the revision is confirmed", () -> story.outcomes().equals(List.of(Outcome.Confirmed)));
            assertThat(story.revisions()).hasSize(1);
            var revision = story.revisions().getFirst().getSpec();
            assertThat(revision.trainingRun()).isEqualTo("run-1.0.0");
            assertThat(revision.artifacts())
                    .extracting(TierArtifact::digest)
                    .containsExactlyInAnyOrderElementsOf(
                            digests.stream().map(Digest::toString).toList());
            assertThat(revision.artifacts()).allSatisfy(artifact -> {
                assertThat(artifact.signedBy()).contains(world.key().keyId());
                assertThat(artifact.metadata()
                                .path("provenance")
                                .path("dataset")
                                .asText())
                        .isEqualTo("pp-ocr@4");
            });
            story.await("all transitions are told", () -> story.events().contains("Confirmed"));
            assertThat(story.events())
                    .containsExactly("RolloutStarted", "StageCompleted", "Committed", "SoakStarted", "Confirmed");
        }
    }

    @Test
    void aTagThatMovesIsAHotSwapInWhichNoRequestFails() {
        try (Story story = new Story(world, "hot-swap");
                VectorClient a = world.asks(StoryWorld.CLINIC_A, story);
                VectorClient b = world.asks(StoryWorld.CLINIC_B, story);
                VectorClient c = world.asks(StoryWorld.WORKSTATION, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");

            try (Load load = Load.of(Stream.of(a, b, c)
                    .<Supplier<String>>map(client -> () -> client.versionFor(1))
                    .toList())) {
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                story.awaitReady("1.1.0");
                long answered = load.answered();
                story.await("some more answers", () -> load.answered() > answered + 20);
                load.stop();

                assertThat(load.failures()).isEmpty();
                assertThat(load.versions().keySet()).isEqualTo(Set.of("1.0.0", "1.1.0"));
            }
            story.await(
                    "the old revision is superseded",
                    () -> story.revisions().getFirst().getStatus().outcome() == Outcome.Superseded);
            assertThat(story.events()).containsOnlyOnce("TagMoved");
        }
    }

    @Test
    void aTagThatMovesDuringARolloutIsRolledOutAfterIt() {
        try (Story story = new Story(world, "moves-on")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(Map.of("rollout.soak", "4s"));
            story.awaitPhase(Phase.Soaking);

            story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));

            story.awaitReady("1.1.0");
            assertThat(story.status().rollout().epoch()).isEqualTo(2);
            story.await("the revisions tell it", () -> story.outcomes()
                    .equals(List.of(Outcome.Superseded, Outcome.Confirmed)));
            story.await(
                    "each rollout was told",
                    () -> story.events().stream().filter("Confirmed"::equals).count() == 2);
        }
    }

    @Test
    void nothingNewStartsWhileTheDeploymentIsPaused() {
        try (Story story = new Story(world, "paused")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");

            story.change(Map.of("paused", true));
            story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
            story.awaitCondition("Ready", Status.False, "Paused");
            assertThat(story.condition("Available").status()).isEqualTo(Status.True);
            assertThat(story.status().version()).isEqualTo("1.0.0");

            story.change(Map.of("paused", false));
            story.awaitReady("1.1.0");
        }
    }
}
