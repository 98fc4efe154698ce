package health.vantage.models.system.stories;

import health.vantage.models.api.ModelNode;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.world.Publisher;
import health.vantage.models.system.world.World;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The installation that all stories share: the operator, two Jetsons in clinics and a workstation.
 *
 * @param key what every story's models are signed with, unless the story is about signatures
 */
record StoryWorld(World world, Signer key) implements AutoCloseable {
    static final String CLINIC_A = "clinic-a";
    static final String CLINIC_B = "clinic-b";
    static final String WORKSTATION = "workstation";
    static final List<String> NODES = List.of(CLINIC_A, CLINIC_B, WORKSTATION);

    private static final Duration REPORTED = Duration.ofSeconds(120);

    static StoryWorld start() {
        World world = World.start();
        try {
            world.cluster().nodes().create(CLINIC_A, NodeShape.jetson());
            world.cluster().nodes().create(CLINIC_B, NodeShape.jetson());
            world.cluster().nodes().create(WORKSTATION, NodeShape.rtx());
            world.install(Map.of());
            var stories = new StoryWorld(world, Publisher.newKey());
            NODES.forEach(stories::awaitReported);
            return stories;
        } catch (RuntimeException e) {
            world.cluster().keepFolder();
            System.err.println("The world did not come up; logs and data: "
                    + world.cluster().folder());
            world.close();
            throw e;
        }
    }

    /** Returns when the node's runner is up and has said what it can run: before that the operator takes it on trust. */
    void awaitReported(String node) {
        world.runner(node);
        Await.until(
                "the runner of " + node + " has reported",
                REPORTED,
                () -> {
                    ModelNode seen = modelNode(node);
                    return seen != null
                            && seen.getStatus() != null
                            && !seen.getStatus().backends().isEmpty();
                },
                () -> String.valueOf(modelNode(node)));
    }

    ModelNode modelNode(String node) {
        return world.client().resources(ModelNode.class).withName(node).get();
    }

    /** A client of the runner on a node, for the model of a story. */
    VectorClient asks(String node, Story story) {
        return asks(node, story.name());
    }

    VectorClient asks(String node, String model) {
        return new VectorClient(world.grpcPort(world.runner(node)), model);
    }

    /** The operator's pods that run now, oldest first. */
    List<Pod> operators() {
        return world
                .client()
                .pods()
                .inNamespace(World.SYSTEM)
                .withLabel("app.kubernetes.io/name", "vantage-operator")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    String operatorLog() {
        return operators().stream()
                .map(pod -> world.cluster()
                        .kubelet()
                        .log(World.SYSTEM, pod.getMetadata().getName()))
                .reduce("", String::concat);
    }

    @Override
    public void close() {
        world.close();
    }
}
