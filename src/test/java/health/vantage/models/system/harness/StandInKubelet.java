package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands in for the kubelets of all simulated nodes: pods bound to them become local processes with the pod's arguments,
 * environment, volumes, probes and ServiceAccount, restart when they crash, and end when the pod is deleted.
 *
 * <p>Differences to a real one: ports and folders are replaced (every pod is on 127.0.0.1 and on one disk; see
 * {@link Launcher}), crashed containers wait 10 s at most, resources are not limited, init containers and lifecycle hooks
 * are not run.
 */
public final class StandInKubelet implements AutoCloseable {
    private final Kubernetes kubernetes;
    private final SimulatedNodes nodes;
    private final Path folder;
    private final Images images = new Images();
    private final NodeMarks marks;
    private final Map<String, NodeRun> running = new ConcurrentHashMap<>();
    /** What the API server has bound, by node and UID. */
    private final Map<String, Map<String, Pod>> bound = new ConcurrentHashMap<>();

    private final SharedIndexInformer<Pod> informer;

    StandInKubelet(Kubernetes kubernetes, SimulatedNodes nodes, Path folder) {
        this.kubernetes = kubernetes;
        this.nodes = nodes;
        this.folder = folder;
        this.marks = new NodeMarks(kubernetes.client(), nodes);
        this.informer = kubernetes.client().pods().inAnyNamespace().runnableInformer(0);
        informer.addEventHandler(new Handler());
        // The API server is stopped on purpose in some tests: never give up.
        informer.exceptionHandler((started, error) -> true);
        informer.run();
    }

    /**
     * Says what an image is on this machine.
     *
     * @param image repository, or repository and tag; stands for longer repositories that end with it too, so
     *     {@code vantage/runner} also for {@code registry.example/vantage/runner:1.0}; the most exact name wins
     */
    public StandInKubelet launch(String image, Launcher launcher) {
        images.put(image, launcher);
        return this;
    }

    /** Containers of this image get no process, only a status that says they are ready. */
    public StandInKubelet simulate(String image) {
        images.simulate(image);
        return this;
    }

    /** Pulls the power cable: everything on the node ends at once, without notice, and the node becomes not ready. */
    public void stop(String node) {
        run(node).cutPower();
        marks.ready(node, false);
    }

    /** Power is back: what ran starts again, and the node becomes ready. */
    public void start(String node) {
        NodeRun run = run(node);
        run.restorePower();
        marks.ready(node, true);
        sync(node);
    }

    /** Power is back, but no API server need be there: what ran starts again from what the node remembers. */
    public void restartOffline(String node) {
        NodeRun run = run(node);
        run.cutPower();
        run.restorePower();
    }

    /** Pulls the network cable of one node: its pods run on and reach the API server no more; it becomes not ready. */
    public void disconnect(String node) {
        run(node).disconnect();
        marks.ready(node, false);
    }

    /** The network is back. */
    public void reconnect(String node) {
        run(node).reconnect();
        marks.ready(node, true);
        sync(node);
    }

    /** Ends the processes of a pod at once ({@code kill -9}); they are started again. */
    public void kill(String namespace, String pod) {
        processes(namespace, pod).forEach(LocalProcess::kill);
    }

    /** Sends a signal such as {@code STOP} or {@code CONT} to the processes of a pod. */
    public void signal(String namespace, String pod, String signal) {
        for (LocalProcess process : processes(namespace, pod)) {
            process.signal(signal);
        }
    }

    /** The processes of a pod that run now. */
    public List<LocalProcess> processes(String namespace, String pod) {
        return find(namespace, pod).stream()
                .flatMap(run -> run.containers().stream())
                .flatMap(container -> container.process().stream())
                .filter(LocalProcess::isAlive)
                .toList();
    }

    /** The port of 127.0.0.1 that stands for a container port of a pod, once its process was started; it stays the same. */
    public Optional<Integer> port(String namespace, String pod, int containerPort) {
        return find(namespace, pod).flatMap(run -> run.port(containerPort));
    }

    /** What the containers of a pod have said, over all restarts. */
    public String log(String namespace, String pod) {
        var text = new StringBuilder();
        find(namespace, pod).stream()
                .flatMap(run -> run.containers().stream())
                .flatMap(container -> container.plan().stream())
                .forEach(plan -> text.append(read(plan.log())));
        return text.toString();
    }

    /** Where a path of the node's disk lies here, to look at or to damage. */
    public Path hostPath(String node, String path) {
        return PodVolumes.hostPath(run(node).folder(), path);
    }

    @Override
    public void close() {
        informer.close();
        marks.close();
        running.values().parallelStream().forEach(NodeRun::close);
    }

    private Optional<PodRun> find(String namespace, String pod) {
        return running.values().stream()
                .flatMap(node -> node.pod(namespace, pod).stream())
                .findFirst();
    }

    private NodeRun run(String name) {
        return running.computeIfAbsent(name, missing -> {
            if (!nodes.contains(name)) {
                throw new IllegalArgumentException("There is no simulated node " + name + ": create it first.");
            }
            return new NodeRun(name, kubernetes, images, nodes.simulatesPods(name), folder.resolve(name));
        });
    }

    private void sync(String node) {
        Collection<Pod> pods = List.copyOf(bound.getOrDefault(node, Map.of()).values());
        run(node).sync(pods);
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("The log " + log + " cannot be read", e);
        }
    }

    private final class Handler implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            String node = pod.getSpec().getNodeName();
            if (node == null || !nodes.contains(node)) {
                return;
            }
            bound.computeIfAbsent(node, name -> new ConcurrentHashMap<>())
                    .put(pod.getMetadata().getUid(), pod);
            sync(node);
        }

        @Override
        public void onUpdate(Pod before, Pod now) {
            boolean same =
                    before.getMetadata().getUid().equals(now.getMetadata().getUid());
            if (!same) {
                onDelete(before, false);
            }
            onAdd(now);
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            String node = pod.getSpec().getNodeName();
            if (node != null && bound.containsKey(node)) {
                bound.get(node).remove(pod.getMetadata().getUid());
                if (running.containsKey(node)) {
                    running.get(node).sync(List.copyOf(bound.get(node).values()));
                }
            }
        }
    }
}
