package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

@WithRealCluster
class ControlPlaneTest {
    private final RealCluster cluster;

    ControlPlaneTest(RealCluster cluster) {
        this.cluster = cluster;
    }

    @Test
    void whatWasWrittenIsThereAfterTheApiServerWasAway() {
        String namespace = cluster.newNamespace("plane");
        var map = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("kept")
                .endMetadata()
                .withData(Map.of("key", "value"))
                .build();
        cluster.client().configMaps().inNamespace(namespace).resource(map).create();

        cluster.controlPlane().stopApiServer();
        assertThatThrownBy(() -> cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("kept")
                        .get())
                .isInstanceOf(KubernetesClientException.class);
        cluster.controlPlane().startApiServer();

        assertThat(cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("kept")
                        .get()
                        .getData())
                .containsEntry("key", "value");
    }

    @Test
    void aNamespaceThatIsDeletedGoesAwayWithWhatIsInIt() {
        String namespace = cluster.newNamespace("goes");

        cluster.client().namespaces().withName(namespace).delete();

        await().atMost(Duration.ofSeconds(30))
                .until(() -> cluster.client().namespaces().withName(namespace).get() == null);
    }

    @Test
    void helmInstallsAChartAndTakesItAwayAgain() {
        String namespace = cluster.newNamespace("helm");
        HelmChart chart = cluster.chart(Path.of("resources/harness/greeting-chart"));

        chart.install("hello", namespace, Map.of("greeting", "good morning"));
        assertThat(cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("hello-greeting")
                        .get()
                        .getData())
                .containsEntry("greeting", "good morning");

        chart.uninstall("hello", namespace);
        assertThat(cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("hello-greeting")
                        .get())
                .isNull();
    }

    @Test
    void aChartThatIsWrongSaysWhatHelmSaid() {
        assertThatThrownBy(() -> cluster.chart(Path.of("resources/harness/no-such-chart"))
                        .install("x", "default", Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no-such-chart");
    }
}
