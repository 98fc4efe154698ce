package health.vantage.models.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelRevision;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What programs are told of a cluster is in the resources' own words. */
class ClusterFactsTest {
    private final KubernetesSerialization yaml = new KubernetesSerialization();

    @Test
    void theStatusIsTheResourcesOwn() {
        var deployment = yaml.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelDeployment
                metadata: {name: retina-seg}
                status:
                  active: {name: retina-seg-1, version: 2.4.1}
                  conditions:
                  - {type: Ready, status: "False", reason: Rejected, message: a node refused it}
                  plan:
                  - {tier: jetson, nodes: 3, fitting: 2, vramMiB: 3584}
                """, ModelDeployment.class);
        var facts = ClusterFacts.of(deployment.getStatus());
        assertThat(facts.at("/active/version").asText()).isEqualTo("2.4.1");
        assertThat(facts.at("/conditions/0/reason").asText()).isEqualTo("Rejected");
        assertThat(ClusterFacts.plan(deployment.getStatus().plan())
                        .at("/0/fitting")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void theHistoryHasOneEntryPerRevision() {
        var revision = yaml.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelRevision
                metadata: {name: retina-seg-1, creationTimestamp: "2026-01-01T00:00:00Z"}
                spec: {deployment: retina-seg, version: 2.4.1, trainingRun: run-8841, dataset: cells}
                status: {outcome: Confirmed, confirmedAt: "2026-01-02T00:00:00Z"}
                """, ModelRevision.class);
        var fresh = yaml.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelRevision
                metadata: {name: retina-seg-2}
                spec: {deployment: retina-seg, version: 2.5.0}
                """, ModelRevision.class);
        var facts = ClusterFacts.of(List.of(revision, fresh));
        assertThat(facts).hasSize(2);
        assertThat(facts.at("/0/outcome").asText()).isEqualTo("Confirmed");
        assertThat(facts.at("/0/trainingRun").asText()).isEqualTo("run-8841");
        assertThat(facts.at("/1/version").asText()).isEqualTo("2.5.0");
    }
}
