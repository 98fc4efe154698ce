package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.StandInKubelet;
import health.vantage.models.system.world.Load;
import health.vantage.models.system.world.World;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The operator dies, or loses its lease, in the middle of its work. */
@WithStoryWorld
class OperatorFaultStoriesTest {
    private static final Duration TAKES_OVER = Duration.ofSeconds(180);

    private final StoryWorld world;

    OperatorFaultStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void anOperatorKilledInEveryPhaseEndsWhereItWouldHaveAnyway() {
        try (Story story = new Story(world, "killed-operator");
                VectorClient clinic = world.asks(StoryWorld.CLINIC_A, story)) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            // The deadlines run on while no operator does, and on a busy machine a new one takes its time.
            story.apply(Map.of("rollout.soak", "2s", "rollout.stageTimeout", "5m", "rollout.activateTimeout", "5m"));
            story.awaitReady("1.0.0");
            assertThat(leaseHolder())
                    .as("a process that starts again in the pod need not wait for the lease to run out")
                    .isEqualTo(operator().getMetadata().getName());

            try (Load load = Load.of(List.of(() -> clinic.versionFor(1)))) {
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                for (Phase phase : List.of(Phase.Staging, Phase.Canary, Phase.Committing, Phase.Soaking)) {
                    story.await(
                            "phase " + phase + " or a later one",
                            () -> story.status().rollout().epoch() == 2
                                    && story.status().rollout().phase().compareTo(phase) >= 0);
                    kill(operator());
                }
                story.awaitReady("1.1.0");
                load.stop();
                assertThat(load.failures()).isEmpty();
                assertThat(load.versions().keySet()).isEqualTo(Set.of("1.0.0", "1.1.0"));
            }
            assertThat(story.status().rollout().epoch()).isEqualTo(2);
            assertThat(StoryWorld.NODES).allSatisfy(node -> {
                try (VectorClient client = world.asks(node, story)) {
                    assertThat(client.ask(1).version()).isEqualTo("1.1.0");
                }
            });
        }
    }

    @Test
    void aFrozenLeaderIsReplacedAndDoesNoHarmWhenItWakes() {
        StandInKubelet kubelet = world.world().cluster().kubelet();
        try (Story story = new Story(world, "two-operators")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply();
            story.awaitReady("1.0.0");
            String leader = operator().getMetadata().getName();
            scale(2);
            long frozen = kubelet.processes(World.SYSTEM, leader).getFirst().pid();
            kubelet.signal(World.SYSTEM, leader, "STOP");
            try {
                story.publish("1.1.0", OnnxModels.scale(2, Story.shape()));
                Await.until(
                        "the other operator rolls out",
                        TAKES_OVER,
                        () -> "1.1.0".equals(story.status().version())
                                && story.status().rollout().phase() == Phase.Confirmed,
                        world::operatorLog);
            } finally {
                kubelet.signal(World.SYSTEM, leader, "CONT");
            }
            Await.until(
                    "it has noticed, and made room for a process that does not think it leads",
                    TAKES_OVER,
                    () -> kubelet.processes(World.SYSTEM, leader).stream().anyMatch(p -> p.pid() != frozen),
                    world::operatorLog);
            story.publish("1.2.0", OnnxModels.scale(3, Story.shape()));
            story.awaitReady("1.2.0");
            assertThat(story.status().rollout().epoch()).isEqualTo(3);
            story.await(
                    "each rollout was told once",
                    () -> story.events().stream().filter("Confirmed"::equals).count() == 3);
        } finally {
            scale(1);
        }
    }

    private String leaseHolder() {
        return world.world()
                .client()
                .leases()
                .inNamespace(World.SYSTEM)
                .withName("vantage-model-operator")
                .get()
                .getSpec()
                .getHolderIdentity();
    }

    private Pod operator() {
        return world.operators().getFirst();
    }

    /** Kills its process, and returns when there is another one. */
    private void kill(Pod operator) {
        StandInKubelet kubelet = world.world().cluster().kubelet();
        String name = operator.getMetadata().getName();
        long before = kubelet.processes(World.SYSTEM, name).getFirst().pid();
        kubelet.kill(World.SYSTEM, name);
        Await.until(
                "another operator process",
                TAKES_OVER,
                () -> kubelet.processes(World.SYSTEM, name).stream().anyMatch(p -> p.pid() != before),
                world::operatorLog);
    }

    private void scale(int replicas) {
        world.world()
                .kubectl()
                .run("-n", World.SYSTEM, "scale", "deployment/vantage-operator", "--replicas=" + replicas);
        Await.until(
                replicas + " operators are ready",
                TAKES_OVER,
                () -> world.operators().size() == replicas
                        && world.operators().stream().allMatch(Readiness::isPodReady),
                world::operatorLog);
    }
}
