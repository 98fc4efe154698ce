package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.harness.SimulatedNodes;
import health.vantage.models.system.harness.StandInKubelet;
import health.vantage.models.system.world.World;
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

    @Test
    void aRunnerThatIsKilledServesAgainFromItsCacheAlone() {
        try (Story story = new Story(world, "killed-runner");
                VectorClient client = world.asks(StoryWorld.WORKSTATION, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            world.world().registry().stop();
            try {
                kubelet.kill(
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
}
