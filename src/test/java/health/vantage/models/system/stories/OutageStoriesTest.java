package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelRevisionStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What nodes need is away: the registry, the API server, their own runner. */
@WithStoryWorld
class OutageStoriesTest {
    private static final Duration BACK = Duration.ofSeconds(180);
    private static final Map<String, ?> JETSON = Map.of("tiers", List.of("jetson"));

    private final StoryWorld world;

    OutageStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void aRunnerThatIsKilledServesAgainFromItsCacheAlone() {
        try (Story story = new Story(world, "killed-runner");
                VectorClient client = world.asks(StoryWorld.WORKSTATION, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            world.world().registry().stop();
            try {
                world.world()
                        .cluster()
                        .kubelet()
                        .kill(
                                World.SYSTEM,
                                world.world()
                                        .runner(StoryWorld.WORKSTATION)
                                        .getMetadata()
                                        .getName());
                client.awaitVersion("1.0.0", BACK);
            } finally {
                world.world().registry().start();
            }
        }
    }

    @Test
    void aVersionThatBreaksWhileNobodyCanBeAskedIsTurnedBackByTheNodeItself() {
        var controlPlane = world.world().cluster().controlPlane();
        try (Story story = new Story(world, "breaks-offline");
                VectorClient client = world.asks(StoryWorld.CLINIC_A, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(JETSON);
            story.awaitReady("1.0.0");
            story.change(Map.of("rollout.soak", "90s"));
            story.publish("1.1.0", OnnxModels.failsAbove(5, Story.shape()));
            story.awaitPhase(Phase.Soaking);
            controlPlane.stopApiServer();
            try {
                // Each question fails on 1.1.0, which is what makes it go.
                Await.until("the node is back", BACK, () -> client.said(9).equals("1.0.0"), () -> client.said(9));
            } finally {
                controlPlane.startApiServer();
            }
            story.awaitSettled(Phase.RolledBack, "1.1.0");
            assertThat(story.status().rollout().abortReason()).isEqualTo("SoakFailed");
            assertThat(story.status().failingNodes())
                    .anySatisfy(problem -> assertThat(problem.node()).isEqualTo(StoryWorld.CLINIC_A));
            try (VectorClient other = world.asks(StoryWorld.CLINIC_B, story)) {
                assertThat(other.ask(9).version()).isEqualTo("1.0.0");
            }
        }
    }

    /**
     * A restarted API server knows no events from before its start: every watch that goes on from an older resourceVersion is answered
     * with 410 Gone (kube-apiserver's watch cache), and must begin with a new list.
     */
    @Test
    void anApiServerThatRestartsEndsEveryWatchAndIsFollowedOn() {
        var controlPlane = world.world().cluster().controlPlane();
        try (Story story = new Story(world, "watch-again")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            controlPlane.stopApiServer();
            controlPlane.startApiServer();
            story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
            story.awaitReady("1.1.0");
            for (String node : StoryWorld.NODES) {
                try (VectorClient client = world.asks(node, story)) {
                    assertThat(client.ask(1).version()).isEqualTo("1.1.0");
                }
            }
        }
    }

    @Test
    void aRegistryThatIsAwayIsToldAndAskedAgain() {
        try (Story story = new Story(world, "no-registry")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(JETSON);
            story.awaitReady("1.0.0");
            world.world().registry().stop();
            try {
                story.awaitCondition("Resolved", Status.False, "RegistryUnavailable");
                assertThat(story.condition("Resolved").message())
                        .contains(world.world().registry().host());
                assertThat(story.condition("Available").status()).isEqualTo(Status.True);
                assertThat(story.condition("Stalled").status()).isEqualTo(Status.False);
            } finally {
                world.world().registry().start();
            }
            story.awaitReady("1.0.0");
        }
    }

    @Test
    void anEditThatARegistryCouldNotAnswerWhileNodesStageTakesOverBeforeTheySwap() {
        var kubelet = world.world().cluster().kubelet();
        try (Story story = new Story(world, "edit-in-staging")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(
                    Map.of("tiers", List.of("jetson"), "rollout.requireNodes", "All", "rollout.stageTimeout", "10m"));
            story.awaitReady("1.0.0");
            String frozen =
                    world.world().runner(StoryWorld.CLINIC_B).getMetadata().getName();
            kubelet.signal(World.SYSTEM, frozen, "STOP");
            try {
                // The others wait for the one that does not answer.
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                story.awaitPhase(Phase.Staging);
                world.world().registry().stop();
                try {
                    story.change(Map.of("model.capabilities", Optional.empty(), "model.version", "1.0.0"));
                    story.awaitCondition("Resolved", Status.False, "RegistryUnavailable");
                    assertThat(story.status().rollout().phase()).isEqualTo(Phase.Staging);
                } finally {
                    world.world().registry().start();
                }
                story.await(
                        "1.1.0 is given up",
                        () -> story.outcomes().getLast() == ModelRevisionStatus.Outcome.RolledBack);
            } finally {
                kubelet.signal(World.SYSTEM, frozen, "CONT");
            }
            story.awaitReady("1.0.0");
        }
    }
}
