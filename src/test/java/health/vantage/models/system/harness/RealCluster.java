package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A control plane with simulated nodes and the stand-in kubelet, and registries and charts beside it. */
public final class RealCluster implements AutoCloseable {
    private static final Duration NAMESPACE_LIMIT = Duration.ofSeconds(30);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final Assets assets;
    private final Path folder;
    private final Kubernetes kubernetes;
    private final SimulatedNodes nodes;
    private final StandInKubelet kubelet;
    private final Deque<LocalRegistry> registries = new ArrayDeque<>();
    private final AtomicInteger counter = new AtomicInteger();
    private final Optional<NodeLeases> heartbeats;
    private boolean keepFolder;

    private RealCluster(Assets assets, Path folder, Kubernetes kubernetes) {
        this.assets = assets;
        this.folder = folder;
        this.kubernetes = kubernetes;
        this.nodes = new SimulatedNodes(kubernetes.client());
        this.kubelet = new StandInKubelet(kubernetes, nodes, subfolder("nodes"));
        this.heartbeats = kubernetes instanceof GivenCluster
                ? Optional.of(new NodeLeases(kubernetes.client(), nodes::living, HEARTBEAT))
                : Optional.empty();
    }

    /**
     * Starts one with the programs that the system property {@value Assets#PROPERTY} names, in about 5 s.
     *
     * @throws IllegalStateException with what to run, when the programs are missing
     */
    public static RealCluster start() {
        Assets assets = Assets.locate();
        try {
            Path folder = Files.createTempDirectory("vantage-system-");
            Kubernetes kubernetes = assets.givenCluster().isPresent()
                    ? new GivenCluster(assets.givenCluster().get())
                    : ControlPlane.start(assets, Files.createDirectory(folder.resolve("control-plane")));
            return new RealCluster(assets, folder, kubernetes);
        } catch (IOException e) {
            throw new UncheckedIOException("No temporary folder can be made for the cluster's data", e);
        }
    }

    /**
     * The control plane, to stop and start its API server.
     *
     * @throws IllegalStateException with a given cluster, which we must not stop
     */
    public ControlPlane controlPlane() {
        if (kubernetes instanceof ControlPlane ours) {
            return ours;
        }
        throw new IllegalStateException(
                "The cluster was given with KUBECONFIG_TEST and is not ours to stop: unset it for this test.");
    }

    public Kubernetes kubernetes() {
        return kubernetes;
    }

    /** A cluster administrator's client. */
    public KubernetesClient client() {
        return kubernetes.client();
    }

    public SimulatedNodes nodes() {
        return nodes;
    }

    public StandInKubelet kubelet() {
        return kubelet;
    }

    /** Where logs and data lie; removed at the end unless a test failed. */
    public Path folder() {
        return folder;
    }

    /** A registry of its own port and storage; ended with this cluster. */
    public LocalRegistry newRegistry() {
        var registry = LocalRegistry.start(assets, subfolder("registry-" + counter.incrementAndGet()));
        registries.push(registry);
        return registry;
    }

    /** A registry that asks for a user; see {@link LocalRegistry#startWithUsers}. */
    public LocalRegistry newRegistryWithUsers(String htpasswd) {
        var registry =
                LocalRegistry.startWithUsers(assets, subfolder("registry-" + counter.incrementAndGet()), htpasswd);
        registries.push(registry);
        return registry;
    }

    /** The chart in a folder, with the real helm. */
    public HelmChart chart(Path chart) {
        return new HelmChart(
                assets.program("helm"), kubernetes.kubeconfig(), subfolder("helm"), chart.toAbsolutePath());
    }

    /** A new namespace in which pods can be made. */
    public String newNamespace(String prefix) {
        String name = prefix + "-" + Long.toString(System.nanoTime() & 0xffffff, 36) + counter.incrementAndGet();
        client().namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        var accounts = client().serviceAccounts().inNamespace(name);
        Await.until(
                "namespace " + name + " has its ServiceAccount default",
                NAMESPACE_LIMIT,
                () -> {
                    ServiceAccount made = accounts.withName("default").get();
                    // Before 1.24 pods are refused until the account has its Secret.
                    boolean needsSecret = !kubernetes.version().isAtLeast(24);
                    return made != null && !(needsSecret && made.getSecrets().isEmpty());
                },
                () -> "Is the controller manager running? Logs: " + folder);
        return name;
    }

    /** Keeps the logs and data after the end, for a person to look at. */
    public void keepFolder() {
        keepFolder = true;
    }

    @Override
    public void close() {
        heartbeats.ifPresent(NodeLeases::close);
        kubelet.close();
        registries.forEach(LocalRegistry::close);
        if (kubernetes instanceof GivenCluster) {
            nodes.deleteAll();
        }
        kubernetes.close();
        if (!keepFolder) {
            deleteFolder();
        }
    }

    private Path subfolder(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder.resolve(name) + " cannot be made", e);
        }
    }

    private void deleteFolder() {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder + " cannot be removed", e);
        }
    }
}
