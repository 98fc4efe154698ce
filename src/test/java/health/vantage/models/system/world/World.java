package health.vantage.models.system.world;

import health.vantage.models.system.harness.Assets;
import health.vantage.models.system.harness.Await;
import health.vantage.models.system.harness.Launcher;
import health.vantage.models.system.harness.LocalRegistry;
import health.vantage.models.system.harness.NodeShape;
import health.vantage.models.system.harness.RealCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cluster with the operator installed by its charts, and a registry beside it. */
public final class World implements AutoCloseable {
    /** Where the charts are installed. */
    public static final String SYSTEM = "vantage-system";

    /** The node that carries the operator; it belongs to no tier. */
    public static final String CONTROL_NODE = "control-plane";

    private static final String OPERATOR_IMAGE = "registry.vantage.health/vantage/model-operator";
    private static final String RUNNER_IMAGE = "registry.vantage.health/vantage/model-runner";
    private static final int GRPC_PORT = 50051;
    private static final int HTTP_PORT = 8080;
    private static final Duration STARTED = Duration.ofSeconds(120);

    private final RealCluster cluster;
    private final LocalRegistry registry;
    private final Shell kubectl;

    private World(RealCluster cluster) {
        this.cluster = cluster;
        this.registry = cluster.newRegistry();
        this.kubectl = new Shell(
                Assets.locate().program("kubectl"),
                Map.of("KUBECONFIG", cluster.kubernetes().kubeconfig().toString()));
    }

    /** Control plane and registry, nothing of ours yet. */
    public static World start() {
        var world = new World(RealCluster.start());
        world.cluster
                .kubelet()
                .launch(
                        OPERATOR_IMAGE,
                        Launcher.jar(
                                        Project.built("operator/target/quarkus-app/quarkus-run.jar"),
                                        "-Xmx256m",
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1")
                                .withPort("QUARKUS_HTTP_PORT", HTTP_PORT))
                .launch(
                        RUNNER_IMAGE,
                        Launcher.program(RunnerImage.launcher().toString())
                                .withEnvironment("JAVA_HOME", System.getProperty("java.home"))
                                // They live for seconds to minutes, on two cores with everything else: what the second
                                // compiler costs never pays.
                                .withEnvironment(
                                        "VANTAGE_JAVA_OPTS", "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
                                .withPort("VANTAGE_GRPC_PORT", GRPC_PORT)
                                .withPort("VANTAGE_HTTP_PORT", HTTP_PORT)
                                .withFolder("VANTAGE_CACHE_DIR", "/var/lib/vantage/models")
                                // Several runners and everything else share two cores here.
                                .withEnvironment("VANTAGE_THREADS", "1")
                                .withEnvironment("VANTAGE_REPORT_INTERVAL", "2"));
        return world;
    }

    /** Installs both charts with the real helm; the operator runs with exactly the roles that they give it. */
    public void install(Map<String, String> values) {
        client().namespaces()
                .resource(new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                        .withNewMetadata()
                        .withName(SYSTEM)
                        .endMetadata()
                        .build())
                .create();
        // The API server refuses pods of a class that does not exist; NVIDIA's GPU operator brings this one.
        client().resource(new RuntimeClassBuilder()
                        .withNewMetadata()
                        .withName("nvidia")
                        .endMetadata()
                        .withHandler("nvidia")
                        .build())
                .create();
        cluster.nodes().create(CONTROL_NODE, NodeShape.cpu().with("models.vantage.health/hardware", "none"));
        cluster.chart(Project.root().resolve("helm/vantage-model-operator-crds"))
                // CEL rules are unknown to API servers before 1.25: apply from the client's side, unvalidated, drops
                // them.
                .install("vantage-crds", SYSTEM, Map.of(), "--server-side=false", "--disable-openapi-validation");
        var all = new LinkedHashMap<String, String>();
        all.put("tiers.cpu.enabled", "false");
        all.put("tiers.dgx.enabled", "false");
        all.put("nodeSelector.models\\.vantage\\.health/hardware", "none");
        all.putAll(values);
        cluster.chart(Project.root().resolve("helm/vantage-model-operator")).install("vantage", SYSTEM, all);
    }

    /** The runner's pod on a node, once it is ready. */
    public Pod runner(String node) {
        Await.until(
                "a ready runner on " + node,
                STARTED,
                () -> runners(node).stream().anyMatch(World::isReady),
                () -> runners(node).stream()
                        .map(pod ->
                                cluster.kubelet().log(SYSTEM, pod.getMetadata().getName()))
                        .reduce("", String::concat));
        return runners(node).getFirst();
    }

    /** The port of 127.0.0.1 on which the runner of a node answers gRPC. */
    public int grpcPort(Pod runner) {
        return cluster.kubelet()
                .port(SYSTEM, runner.getMetadata().getName(), GRPC_PORT)
                .orElseThrow();
    }

    private List<Pod> runners(String node) {
        return client()
                .pods()
                .inNamespace(SYSTEM)
                .withLabel("app.kubernetes.io/name", "vantage-runner")
                .list()
                .getItems()
                .stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .toList();
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    public RealCluster cluster() {
        return cluster;
    }

    public KubernetesClient client() {
        return cluster.client();
    }

    public LocalRegistry registry() {
        return registry;
    }

    public Shell kubectl() {
        return kubectl;
    }

    @Override
    public void close() {
        cluster.close();
    }
}
