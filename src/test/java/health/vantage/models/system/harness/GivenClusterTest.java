package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A cluster that a person gives, played by ours. */
@WithRealCluster
class GivenClusterTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final RealCluster cluster;

    GivenClusterTest(RealCluster cluster) {
        this.cluster = cluster;
    }

    @Test
    void isReachedByItsKubeconfigAlone() {
        try (var given = new GivenCluster(cluster.kubernetes().kubeconfig())) {
            assertThat(given.version()).isEqualTo(cluster.kubernetes().version());
            assertThat(given.reach().authority()).contains("BEGIN CERTIFICATE");
            assertThat(given.client().namespaces().withName("default").get()).isNotNull();
        }
    }

    @Test
    void itsSimulatedNodesSendHeartbeats() {
        var leases = new NodeLeases(cluster.client(), () -> List.of("beats"), Duration.ofMillis(200));
        try (leases) {
            await().atMost(LIMIT).until(() -> renewed() != null);
            ZonedDateTime first = renewed();
            await().atMost(LIMIT).until(() -> renewed().isAfter(first));
        }
    }

    private ZonedDateTime renewed() {
        var lease = cluster.client()
                .leases()
                .inNamespace("kube-node-lease")
                .withName("beats")
                .get();
        return lease == null ? null : lease.getSpec().getRenewTime();
    }
}
