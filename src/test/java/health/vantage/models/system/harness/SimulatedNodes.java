package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Node objects without a machine. Plays the part of node lifecycle too: conditions and taints come from here. */
public final class SimulatedNodes {
    /** On every node made here. */
    public static final String SIMULATED = "system.vantage.health/simulated";

    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final int AT_ONCE = 16;

    private final KubernetesClient client;
    private final Map<String, NodeShape> shapes = new ConcurrentSkipListMap<>();
    private final Set<String> notReady = ConcurrentHashMap.newKeySet();

    SimulatedNodes(KubernetesClient client) {
        this.client = client;
    }

    /** Creates a node that is ready at once. */
    public Node create(String name, NodeShape shape) {
        shapes.put(name, shape);
        notReady.remove(name);
        var labels = new LinkedHashMap<>(shape.labels());
        labels.putAll(Map.of("kubernetes.io/hostname", name, "kubernetes.io/os", "linux", SIMULATED, "true"));
        var quantities = new LinkedHashMap<String, Quantity>();
        shape.allocatable().forEach((resource, amount) -> quantities.put(resource, new Quantity(amount)));
        client.nodes()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        return patchStatus(
                name,
                new NodeStatusBuilder()
                        .withCapacity(quantities)
                        .withAllocatable(quantities)
                        .withConditions(ready(true))
                        .addNewAddress("127.0.0.1", "InternalIP")
                        .addNewAddress(name, "Hostname")
                        .withNewNodeInfo()
                        .withArchitecture(labels.getOrDefault("kubernetes.io/arch", "amd64"))
                        .withOperatingSystem("linux")
                        .withKubeletVersion("v1.20.2-stand-in")
                        .withContainerRuntimeVersion("stand-in://1")
                        .endNodeInfo()
                        .build());
    }

    /** Creates {@code prefix-0000}, {@code prefix-0001} ...; 500 take 5 s. */
    public List<String> fleet(String prefix, int count, NodeShape shape) {
        List<String> fleet = IntStream.range(0, count)
                .mapToObj(i -> "%s-%04d".formatted(prefix, i))
                .toList();
        each(fleet, name -> create(name, shape));
        return fleet;
    }

    /** Marks a node as node lifecycle would: not ready means that its kubelet has not been heard of. */
    public void setReady(String name, boolean ready) {
        if (ready) {
            notReady.remove(name);
        } else {
            notReady.add(name);
        }
        patchStatus(name, new NodeStatusBuilder().withConditions(ready(ready)).build());
        client.nodes().withName(name).edit(seen -> new NodeBuilder(seen)
                .editSpec()
                .withTaints(taints(seen, ready))
                .endSpec()
                .build());
    }

    /** Sets a label; null takes it off, as a restart of GPU feature discovery does for a minute. */
    public void label(String name, String label, String value) {
        client.nodes().withName(name).edit(seen -> {
            var labels = new LinkedHashMap<>(seen.getMetadata().getLabels());
            if (value == null) {
                labels.remove(label);
            } else {
                labels.put(label, value);
            }
            return new NodeBuilder(seen)
                    .editMetadata()
                    .withLabels(labels)
                    .endMetadata()
                    .build();
        });
    }

    /** Deletes a node for good, and its pods with it: as the pod garbage collector does, without its patience of 40 s. */
    public void delete(String name) {
        delete(Set.of(name));
    }

    /** Deletes many at the cost of one look at all pods. */
    public void delete(Collection<String> names) {
        names.forEach(shapes::remove);
        each(names, name -> client.nodes().withName(name).withGracePeriod(0).delete());
        var gone = Set.copyOf(names);
        deletePods(pod -> pod.getSpec().getNodeName() != null
                && gone.contains(pod.getSpec().getNodeName()));
    }

    /** Deletes all that were made here, and their pods. */
    public void deleteAll() {
        delete(Set.copyOf(shapes.keySet()));
    }

    /** A patch, since others write to nodes too: the operator its labels, for one. */
    private Node patchStatus(String name, NodeStatus status) {
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withStatus(status)
                .build();
        return client.nodes()
                .resource(node)
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), node);
    }

    private void deletePods(Predicate<Pod> which) {
        var pods = client.pods().inAnyNamespace().list().getItems().stream()
                .filter(which)
                .toList();
        each(pods, pod -> client.resource(pod).withGracePeriod(0).delete());
    }

    /** Those that would send heartbeats. */
    List<String> living() {
        return shapes.keySet().stream().filter(name -> !notReady.contains(name)).toList();
    }

    public boolean contains(String name) {
        return shapes.containsKey(name);
    }

    /** Whether pods on this node get no processes. */
    boolean simulatesPods(String name) {
        return shapes.get(name).labels().containsKey(NodeShape.PODS_SIMULATED);
    }

    private static <T> void each(Collection<T> items, Consumer<T> work) {
        var permits = new Semaphore(AT_ONCE);
        var done = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (T item : items) {
                done.add(threads.submit(() -> {
                    permits.acquire();
                    try {
                        work.accept(item);
                    } finally {
                        permits.release();
                    }
                    return item;
                }));
            }
        }
        for (Future<?> one : done) {
            if (one.state() == Future.State.FAILED) {
                throw new IllegalStateException("Not every node or pod could be handled", one.exceptionNow());
            }
        }
    }

    private static List<Taint> taints(Node node, boolean ready) {
        var taints = new ArrayList<>(node.getSpec().getTaints());
        taints.removeIf(taint -> UNREACHABLE.equals(taint.getKey()));
        if (!ready) {
            taints.add(new TaintBuilder()
                    .withKey(UNREACHABLE)
                    .withEffect("NoSchedule")
                    .build());
        }
        return taints;
    }

    private static NodeCondition ready(boolean ready) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new NodeConditionBuilder()
                .withType("Ready")
                .withStatus(ready ? "True" : "Unknown")
                .withReason(ready ? "KubeletReady" : "NodeStatusUnknown")
                .withMessage(ready ? "The stand-in kubelet is ready" : "Kubelet stopped posting node status.")
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
    }
}
