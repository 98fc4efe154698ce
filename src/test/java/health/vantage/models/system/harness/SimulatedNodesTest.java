package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@WithRealCluster
class SimulatedNodesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final RealCluster cluster;

    SimulatedNodesTest(RealCluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void removeNodes() {
        cluster.nodes().deleteAll();
    }

    @Test
    void aDaemonSetGetsAReadyPodOnEveryNodeThatMatches() {
        cluster.nodes().create("clinic-1", NodeShape.jetson().with("tier", "jetson"));
        cluster.nodes().create("clinic-2", NodeShape.jetson().with("tier", "jetson"));
        cluster.nodes().create("office-1", NodeShape.cpu());
        cluster.kubelet().simulate("example/only-shown");
        String namespace = cluster.newNamespace("daemon");

        daemonSet(namespace, "jetson");

        await().atMost(LIMIT).untilAsserted(() -> {
            var status = cluster.client()
                    .apps()
                    .daemonSets()
                    .inNamespace(namespace)
                    .withName("agent")
                    .get()
                    .getStatus();
            assertThat(status.getDesiredNumberScheduled()).isEqualTo(2);
            assertThat(status.getNumberReady()).isEqualTo(2);
        });
    }

    @Test
    void aNodeThatIsDeletedLosesItsPods() {
        cluster.nodes().create("leaves", NodeShape.rtx().with("tier", "leaves"));
        cluster.kubelet().simulate("example/only-shown");
        String namespace = cluster.newNamespace("leaves");
        daemonSet(namespace, "leaves");
        await().atMost(LIMIT)
                .until(() -> cluster.client()
                                .pods()
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .size()
                        == 1);

        cluster.nodes().delete("leaves");

        await().atMost(LIMIT).until(() -> cluster.client()
                .pods()
                .inNamespace(namespace)
                .list()
                .getItems()
                .isEmpty());
    }

    @Test
    void aNodeThatIsNotReadyIsShownAsNodeLifecycleShowsIt() {
        cluster.nodes().create("dark", NodeShape.rtx());

        cluster.nodes().setReady("dark", false);

        Node node = cluster.client().nodes().withName("dark").get();
        assertThat(node.getStatus().getConditions())
                .filteredOn(condition -> condition.getType().equals("Ready"))
                .extracting(NodeCondition::getStatus)
                .containsExactly("Unknown");
        assertThat(node.getSpec().getTaints())
                .extracting(taint -> taint.getKey() + ":" + taint.getEffect())
                .containsExactly("node.kubernetes.io/unreachable:NoSchedule");
        assertThat(node.getStatus().getAllocatable()).containsKey("nvidia.com/gpu");
    }

    @Test
    void aLabelCanGoAndComeBack() {
        cluster.nodes().create("relabelled", NodeShape.rtx());

        cluster.nodes().label("relabelled", "nvidia.com/gpu.memory", null);
        assertThat(cluster.client()
                        .nodes()
                        .withName("relabelled")
                        .get()
                        .getMetadata()
                        .getLabels())
                .doesNotContainKey("nvidia.com/gpu.memory");

        cluster.nodes().label("relabelled", "nvidia.com/gpu.memory", "49140");
        assertThat(cluster.client()
                        .nodes()
                        .withName("relabelled")
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry("nvidia.com/gpu.memory", "49140");
    }

    @Test
    @Timeout(180)
    void aFleetOfHundredsIsCheap() {
        List<String> fleet =
                cluster.nodes().fleet("fleet", 500, NodeShape.jetson().withSimulatedPods());

        assertThat(fleet).hasSize(500).startsWith("fleet-0000").endsWith("fleet-0499");
        assertThat(cluster.client()
                        .nodes()
                        .withLabel("nvidia.com/gpu.product", "Orin")
                        .list()
                        .getItems())
                .hasSize(500);
    }

    private void daemonSet(String namespace, String tier) {
        cluster.client()
                .apps()
                .daemonSets()
                .inNamespace(namespace)
                .resource(Serialization.unmarshal("""
                        apiVersion: apps/v1
                        kind: DaemonSet
                        metadata: {name: agent}
                        spec:
                          selector: {matchLabels: {app: agent}}
                          template:
                            metadata: {labels: {app: agent}}
                            spec:
                              nodeSelector: {tier: %s}
                              containers:
                              - {name: agent, image: "registry.example/example/only-shown:1"}
                        """.formatted(tier), DaemonSet.class))
                .create();
    }
}
