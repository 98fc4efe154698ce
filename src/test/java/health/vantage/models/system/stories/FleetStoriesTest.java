package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelNode;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.world.SimulatedRunners;
import health.vantage.models.system.world.World;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hundreds of nodes: no object grows with them. */
@WithStoryWorld
class FleetStoriesTest {
    private static final int NODES = 300;
    private static final int MOST_BYTES = 100 * 1024;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final StoryWorld world;

    FleetStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void aRolloutToHundredsOfNodesKeepsEveryObjectSmall() {
        var nodes = world.world().cluster().nodes();
        List<String> fleet = nodes.fleet("fleet", NODES, NodeShape.rtx().withSimulatedPods());
        try (var runners = SimulatedRunners.on(world.world().client(), "fleet");
                Story story = new Story(world, "fleet")) {
            Await.until("every node has a runner", LIMIT, this::complete, world::operatorLog);
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(Map.of("tiers", List.of("rtx")));
            Await.until(
                    "all nodes serve it",
                    LIMIT,
                    () -> (NODES + 1 + "/" + (NODES + 1)).equals(story.status().nodes())
                            && story.condition("Ready").status() == Status.True,
                    () -> Serialization.asYaml(story.status()) + runners.failures());

            assertThat(Serialization.asJson(story.resource().get()).length()).isLessThan(MOST_BYTES);
            assertThat(Serialization.asJson(world.modelNode(fleet.getFirst())).length())
                    .isLessThan(MOST_BYTES);
            assertThat(story.events()).containsOnlyOnce("Confirmed");
            assertThat(runners.failures()).isEmpty();
        } finally {
            nodes.delete(fleet);
        }
    }

    private boolean complete() {
        int all = NODES + StoryWorld.NODES.size();
        var client = world.world().client();
        // One small object first: to list hundreds again and again would be most of this test's work.
        int ready = client.apps().daemonSets().inNamespace(World.SYSTEM).list().getItems().stream()
                .mapToInt(set -> set.getStatus().getNumberReady())
                .sum();
        return ready == all
                && client.resources(ModelNode.class).list().getItems().size() == all;
    }
}
