package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.harness.SimulatedNodes;
import health.vantage.models.system.harness.StandInKubelet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nodes come, go, and lose their cables. */
@WithStoryWorld
class NodeFaultStoriesTest {
    private static final Duration BACK = Duration.ofSeconds(180);
    private static final Map<String, ?> JETSON = Map.of("tiers", List.of("jetson"));
    private static final String GUEST = "clinic-guest";

    private final StoryWorld world;
    private final StandInKubelet kubelet;
    private final SimulatedNodes nodes;

    NodeFaultStoriesTest(StoryWorld world) {
        this.world = world;
        this.kubelet = world.world().cluster().kubelet();
        this.nodes = world.world().cluster().nodes();
    }

    @Test
    void aNodeWithoutNetworkServesOnAndCatchesUpWhenItReturns() {
        try (Story story = new Story(world, "cable-pulled");
                VectorClient away = world.asks(StoryWorld.CLINIC_B, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            kubelet.disconnect(StoryWorld.CLINIC_B);
            try {
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                story.awaitReady("1.1.0");
                assertThat(away.ask(1).version()).isEqualTo("1.0.0");
            } finally {
                kubelet.reconnect(StoryWorld.CLINIC_B);
            }
            away.awaitVersion("1.1.0", BACK);
            assertThat(story.events()).contains("NodeCaughtUp");
        }
    }

    @Test
    void aNodeWithoutPowerComesBackWithWhatTheOthersServe() {
        try (Story story = new Story(world, "power-cut");
                VectorClient away = world.asks(StoryWorld.CLINIC_B, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            kubelet.stop(StoryWorld.CLINIC_B);
            try {
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                story.awaitReady("1.1.0");
            } finally {
                kubelet.start(StoryWorld.CLINIC_B);
            }
            away.awaitVersion("1.1.0", BACK);
        }
    }

    @Test
    void aNodeThatJoinsDuringARolloutIsServedAfterItAndOneThatGoesHoldsNothingUp() {
        try (Story story = new Story(world, "guest")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(Map.of("tiers", List.of("jetson"), "rollout.soak", "5s"));
            story.awaitPhase(Phase.Soaking);
            nodes.create(GUEST, NodeShape.jetson());
            try {
                story.awaitReady("1.0.0");
                try (VectorClient guest = world.asks(GUEST, story)) {
                    guest.awaitVersion("1.0.0", BACK);
                }
                story.await("it counts", () -> story.status().nodes().equals("3/3"));

                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                story.awaitPhase(Phase.Soaking);
                assertThat(story.status().rollout().nodes()).isEqualTo(3);
            } finally {
                nodes.delete(GUEST);
            }
            story.awaitReady("1.1.0");
            story.await("it counts no more", () -> story.status().nodes().equals("2/2"));
            assertThat(world.modelNode(GUEST)).isNull();
        }
    }

    @Test
    void labelsOfGpuDiscoveryMayVanishForAWhile() {
        try (Story story = new Story(world, "no-labels");
                VectorClient client = world.asks(StoryWorld.CLINIC_A, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(JETSON);
            story.awaitReady("1.0.0");
            var pod = world.world().runner(StoryWorld.CLINIC_A);
            Map<String, String> vanishing = Map.of("nvidia.com/gpu.product", "Orin", "nvidia.com/gpu.memory", "7620");
            vanishing.keySet().forEach(label -> nodes.label(StoryWorld.CLINIC_A, label, null));
            try {
                story.await(
                        "the operator has noticed", () -> world
                                .world()
                                .client()
                                .resources(ComputeTier.class)
                                .withName("jetson")
                                .get()
                                .getStatus()
                                .unmatched()
                                .stream()
                                .anyMatch(unmatched -> unmatched.node().equals(StoryWorld.CLINIC_A)));
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                story.awaitReady("1.1.0");
                assertThat(client.ask(1).version()).isEqualTo("1.1.0");
                assertThat(world.world()
                                .runner(StoryWorld.CLINIC_A)
                                .getMetadata()
                                .getUid())
                        .isEqualTo(pod.getMetadata().getUid());
            } finally {
                vanishing.forEach((label, value) -> nodes.label(StoryWorld.CLINIC_A, label, value));
            }
        }
    }

    @Test
    void aDeletedDeploymentIsForgottenAlsoByTheNodeThatWasAway() {
        try (Story story = new Story(world, "deleted");
                VectorClient here = world.asks(StoryWorld.CLINIC_A, story);
                VectorClient away = world.asks(StoryWorld.CLINIC_B, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(JETSON);
            story.awaitReady("1.0.0");
            kubelet.disconnect(StoryWorld.CLINIC_B);
            try {
                story.delete();
                story.await(
                        "the node in reach has forgotten it", () -> here.said(1).startsWith("NOT_FOUND"));
                assertThat(away.ask(1).version()).isEqualTo("1.0.0");
            } finally {
                kubelet.reconnect(StoryWorld.CLINIC_B);
            }
            story.await("the node that was away has forgotten it", () -> away.said(1)
                    .startsWith("NOT_FOUND"));
        }
    }

    @Test
    void aDeploymentMadeAnewWhileANodeWasAwayIsServedByItWhenItReturns() {
        try (Story story = new Story(world, "made-anew");
                VectorClient away = world.asks(StoryWorld.CLINIC_B, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(JETSON);
            story.awaitReady("1.0.0");
            story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
            story.awaitReady("1.1.0");
            kubelet.disconnect(StoryWorld.CLINIC_B);
            try {
                story.delete();
                story.publish("1.2.0", OnnxModels.scale(3, Story.shape()));
                // Its epochs begin at 1 again; the node that is away knows of epoch 2 of the one before.
                story.apply(JETSON);
                story.awaitReady("1.2.0");
            } finally {
                kubelet.reconnect(StoryWorld.CLINIC_B);
            }
            away.awaitVersion("1.2.0", BACK);
        }
    }
}
