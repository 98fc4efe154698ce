package health.vantage.models.system.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.system.harness.RealCluster;
import health.vantage.models.system.harness.WithRealCluster;
import health.vantage.models.system.world.Project;
import health.vantage.models.system.world.Shell;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a person sees and does; the operator is not there, so what it would write is written by the test. */
@WithRealCluster
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterCommandsTest {
    private final RealCluster cluster;
    private final KubernetesClient client;
    private String namespace;

    ClusterCommandsTest(RealCluster cluster) {
        this.cluster = cluster;
        this.client = cluster.client();
    }

    @BeforeAll
    void theCustomResources() {
        cluster.chart(Project.root().resolve("helm/vantage-model-operator-crds"))
                .install("vantage-crds", "default", Map.of(), "--server-side=false", "--disable-openapi-validation");
    }

    @BeforeEach
    void aDeploymentThatWasTurnedBack() {
        namespace = cluster.newNamespace("cli");
        var deployment = Serialization.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelDeployment
                metadata: {name: retina-seg, namespace: %s}
                spec:
                  model: {repository: registry.example/vantage/retina-seg, capabilities: [cv3]}
                  tiers: [jetson]
                status:
                  observedGeneration: 1
                  desired: {name: retina-seg-3, version: 3.0.0}
                  active: {name: retina-seg-2, version: 2.0.0}
                  lastGood: {name: retina-seg-2, version: 2.0.0}
                  rollout: {epoch: 3, phase: RolledBack, version: 3.0.0, nodes: 2, message: "node clinic-7: golden sample"}
                  quarantined: [{digest: "sha256:bad", version: 3.0.0, reason: PreflightFailed, since: "2026-11-24T00:00:00Z"}]
                  plan:
                  - tier: jetson
                    nodes: 3
                    fitting: 2
                    vramMiB: 4096
                    misfits: [{node: clinic-9, reason: InsufficientVRAM, message: "needs 4096 MiB"}]
                  conditions:
                  - {type: Ready, status: "False", reason: RolledBack, message: 3.0.0 was turned back, lastTransitionTime: "2026-11-24T00:00:00Z"}
                """.formatted(namespace), ModelDeployment.class);
        ModelDeployment created = client.resource(deployment).create();
        created.setStatus(deployment.getStatus());
        client.resource(created).updateStatus();
        revision("retina-seg-1", "1.0.0", "Superseded");
        revision("retina-seg-2", "2.0.0", "Confirmed");
        revision("retina-seg-3", "3.0.0", "RolledBack");
    }

    private void revision(String name, String version, String outcome) {
        var revision = Serialization.unmarshal(
                """
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelRevision
                metadata: {name: %s, namespace: %s}
                spec: {deployment: retina-seg, model: retina-seg, version: %s, repository: r, trainingRun: run-%s, artifacts: [{tier: jetson, variant: jetson, digest: "sha256:%s"}]}
                status: {outcome: %s}
                """.formatted(name, namespace, version, version, version, outcome), ModelRevision.class);
        ModelRevision created = client.resource(revision).create();
        created.setStatus(revision.getStatus());
        client.resource(created).updateStatus();
    }

    private String model(String... words) {
        var command = new ArrayList<>(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                Project.built("cli/target/kubectl-model.jar").toString()));
        command.addAll(List.of(words));
        var jvm = new Shell(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Map.of("KUBECONFIG", cluster.kubernetes().kubeconfig().toString()));
        return jvm.run(command, "");
    }

    private ModelDeployment stored() {
        return client.resources(ModelDeployment.class)
                .inNamespace(namespace)
                .withName("retina-seg")
                .get();
    }

    @Test
    void statusSaysWhatServesAndWhatIsInTheWay() {
        assertThat(model("status", "-n", namespace, "retina-seg"))
                .contains(
                        "desired",
                        "3.0.0",
                        "active",
                        "2.0.0",
                        "RolledBack",
                        "node clinic-7: golden sample",
                        "sha256:bad");
    }

    @Test
    void planSaysWhichNodesItDoesNotFitAndWhy() {
        assertThat(model("plan", "-n", namespace, "retina-seg"))
                .contains("2 of 3 nodes", "4096", "clinic-9", "InsufficientVRAM");
    }

    @Test
    void historySaysWhatEachVersionWasTrainedOnAndWhatBecameOfIt() {
        assertThat(model("history", "-n", namespace, "retina-seg"))
                .contains("1.0.0", "Superseded", "run-1.0.0", "2.0.0", "Confirmed", "3.0.0", "RolledBack");
    }

    @Test
    void retryAsksByAnAnnotationAndLeavesTheSpecAlone() {
        model("retry", "-n", namespace, "retina-seg");
        assertThat(stored().getMetadata().getAnnotations()).containsKey(ApiGroup.RETRY_ANNOTATION);
        assertThat(stored().getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    void rollbackPinsTheGoodVersionBeforeTheOneThatServes() {
        assertThat(model("rollback", "-n", namespace, "retina-seg")).contains("1.0.0");
        assertThat(stored().getSpec().model().version()).isEqualTo("1.0.0");
        assertThat(stored().getSpec().model().capabilities()).isNull();
    }

    @Test
    void rollbackRefusesAVersionThatWasNeverGood() {
        assertThatThrownBy(() -> model("rollback", "-n", namespace, "--to", "3.0.0", "retina-seg"))
                .hasMessageContaining("ended with 2")
                .hasMessageContaining("never confirmed here");
        assertThat(stored().getSpec().model().capabilities()).containsExactly("cv3");
    }

    @Test
    void aDeploymentThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> model("status", "-n", namespace, "retina"))
                .hasMessageContaining("ended with 3")
                .hasMessageContaining("there is no ModelDeployment " + namespace + "/retina");
    }
}
