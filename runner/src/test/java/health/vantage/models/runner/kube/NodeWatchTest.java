package health.vantage.models.runner.kube;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.node.NodeParts;
import health.vantage.models.runner.node.NodeRunner;
import health.vantage.models.runner.node.StatusBoard;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.store.ArtifactStore;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way to and from the API server, with a stand-in that fails on command ({@link StubApiServer}). */
final class NodeWatchTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final StatusBoard board = new StatusBoard(Instant.now());
    private RunnerUnderTest runner;
    private ArtifactStore store;
    private NodeRunner node;
    private StubApiServer server;
    private KubernetesClient client;
    private NodeWatch watch;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        store = new ArtifactStore(
                new Repositories(RegistryOptions.defaults()),
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0)));
        node = new NodeRunner(
                new NodeParts(
                        runner.serving(),
                        store,
                        Journal.open(folder.resolve("journal")),
                        new Preflight(Preflight.Limits.defaults(), 1),
                        Clock.systemUTC()),
                board,
                () -> true,
                Duration.ofMinutes(5));
        server = new StubApiServer(0, modelNode(1));
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.port())
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(5000)
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
        watch = new NodeWatch(client, "clinic-a", node, board);
    }

    @AfterEach
    void stop() throws Exception {
        watch.close();
        client.close();
        server.close();
        node.stop();
        runner.close();
    }

    @Test
    void readyIsTrueWhileItServesAndFalseOnceItDrains() throws Exception {
        NodeReport report = new NodeReport(
                board, store, runner.serving().backends(), new DeviceMemory("cpu"), Instant.now(), 50051);
        try (StatusReporter reporter = new StatusReporter(client, "clinic-a", board, report, Duration.ofMinutes(10))) {
            reporter.start();
            assertThat(server.patches().poll(30, TimeUnit.SECONDS))
                    .contains("\"status\":\"True\"")
                    .contains("\"reason\":\"Serving\"");

            reporter.farewell(Instant.now());

            assertThat(reporter.awaitFarewell(LONG)).isTrue();
            assertThat(server.patches().poll(30, TimeUnit.SECONDS))
                    .contains("\"status\":\"False\"")
                    .contains("\"reason\":\"Draining\"");
        }
    }

    /** Its instruction cannot be carried out; that it arrived shows in the epoch of the report. */
    private static String modelNode(long epoch) {
        return """
                {"kind":"ModelNode","apiVersion":"models.vantage.health/v1alpha1",\
                "metadata":{"name":"clinic-a","uid":"u","resourceVersion":"RESOURCE_VERSION"},"spec":{"tier":"cpu","models":[\
                {"name":"retina","deployment":{"namespace":"imaging","name":"retina","uid":"d"},"epoch":%d,"step":"Stage",\
                "target":{"repository":"oci:/nowhere/retina","digest":"sha256:%s","version":"1"}}]}}""".formatted(epoch, "0".repeat(64));
    }
}
