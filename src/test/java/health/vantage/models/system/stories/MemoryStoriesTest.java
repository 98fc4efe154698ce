package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.world.Publisher.Release;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A Jetson holds one of them, not both. */
@WithStoryWorld
class MemoryStoriesTest {
    private static final double MORE_THAN_HALF_A_JETSON_GB = 4;

    private final StoryWorld world;

    MemoryStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void ofTwoThatWantTheSameMemoryOneIsPlacedAndTheOtherWaitsForIt() {
        try (Story first = new Story(world, "contender-a");
                Story second = new Story(world, "contender-b")) {
            publishLarge(first);
            publishLarge(second);
            Map<String, ?> fields = Map.of("tiers", List.of("jetson"));
            first.apply(fields);
            second.apply(fields);

            first.await(
                    "one is ready, the other is told why it is not",
                    () -> settled(first, second) || settled(second, first));
            Story winner = settled(first, second) ? first : second;
            Story loser = winner == first ? second : first;
            assertThat(loser.condition("Placed").message())
                    .contains(winner.namespace() + "/" + winner.name() + " holds 4096 MiB");
            assertThat(StoryWorld.NODES)
                    .allSatisfy(node -> assertThat(loser.told(node)).isEmpty());

            winner.delete();

            loser.awaitReady("1.0.0");
        }
    }

    private static boolean settled(Story winner, Story loser) {
        return winner.condition("Ready").status() == Status.True
                && loser.is("Placed", Status.False, "InsufficientVRAM");
    }

    private static void publishLarge(Story story) {
        Release large = Story.release("1.0.0", "jetson").withVramGB(MORE_THAN_HALF_A_JETSON_GB);
        story.publisher().release(large, story.files(OnnxModels.scale(1, Story.shape())));
        story.publisher().moveTags(large);
    }
}
