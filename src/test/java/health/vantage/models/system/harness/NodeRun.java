package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** One simulated node: its power, its cable to the API server, its disk, and the pods it runs. */
final class NodeRun implements AutoCloseable {
    private static final Duration USUAL_GRACE = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofMillis(300);

    private final String name;
    private final Kubernetes kubernetes;
    private final Images images;
    private final boolean simulated;
    private final Path folder;
    private final NodeUplink uplink;
    /** By UID: a pod made anew under the same name is another. */
    private final Map<String, PodRun> pods = new ConcurrentHashMap<>();

    private boolean powered = true;
    private boolean connected = true;
    private volatile boolean closed;

    /** @param simulated no pod of this node gets a process */
    NodeRun(String name, Kubernetes kubernetes, Images images, boolean simulated, Path folder) {
        this.name = name;
        this.kubernetes = kubernetes;
        this.images = images;
        this.simulated = simulated;
        this.folder = folder;
        this.uplink = new NodeUplink(kubernetes.reach().url());
    }

    /** Makes what runs here equal to what the API server has bound to this node. Does nothing while it cannot know that. */
    synchronized void sync(Collection<Pod> bound) {
        if (!powered || !connected || closed) {
            return;
        }
        var wanted =
                bound.stream().collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), pod -> pod));
        for (PodRun run : List.copyOf(pods.values())) {
            String uid = run.pod().getMetadata().getUid();
            if (!wanted.containsKey(uid)) {
                pods.remove(uid);
                Thread.ofVirtual().start(() -> end(run, Duration.ZERO));
            }
        }
        for (Pod pod : wanted.values()) {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                PodRun run = pods.computeIfAbsent(pod.getMetadata().getUid(), uid -> newRun(pod));
                Thread.ofVirtual().start(() -> finishDeletion(run, pod));
            } else if (!pods.containsKey(pod.getMetadata().getUid()) && !isOver(pod)) {
                PodRun run = newRun(pod);
                pods.put(pod.getMetadata().getUid(), run);
                run.start();
                run.report();
            }
        }
    }

    synchronized void cutPower() {
        powered = false;
        pods.values().parallelStream().forEach(PodRun::cutPower);
    }

    /** Everything starts again from what this node remembers; needs no API server. */
    synchronized void restorePower() {
        powered = true;
        for (PodRun run : pods.values()) {
            run.start();
            if (connected) {
                run.report();
            }
        }
    }

    synchronized void disconnect() {
        connected = false;
        uplink.cut();
        pods.values().forEach(PodRun::fallSilent);
    }

    synchronized void reconnect() {
        connected = true;
        uplink.restore();
        if (powered) {
            pods.values().forEach(PodRun::report);
        }
    }

    Path folder() {
        return folder;
    }

    Optional<PodRun> pod(String namespace, String pod) {
        return pods.values().stream()
                .filter(run -> run.pod().getMetadata().getName().equals(pod)
                        && run.pod().getMetadata().getNamespace().equals(namespace))
                .findFirst();
    }

    @Override
    public void close() {
        closed = true;
        cutPower();
        uplink.close();
    }

    private PodRun newRun(Pod pod) {
        Path podFolder = make(folder.resolve("pods")
                .resolve(pod.getMetadata().getNamespace() + "_"
                        + pod.getMetadata().getName() + "_"
                        + pod.getMetadata().getUid().substring(0, 8)));
        return new PodRun(kubernetes.client(), pod, changed -> {
            var runs = new ArrayList<ContainerRun>();
            for (Container container : pod.getSpec().getContainers()) {
                runs.add(newRun(pod, container, podFolder, changed));
            }
            return runs;
        });
    }

    private ContainerRun newRun(Pod pod, Container container, Path podFolder, Runnable changed) {
        if (simulated || images.isSimulated(container.getImage())) {
            return new SimulatedContainer(container, changed);
        }
        var planner = new ContainerPlanner(kubernetes, uplink, folder, podFolder);
        IntPredicate restartsAfter = exit -> switch (pod.getSpec().getRestartPolicy()) {
            case "Never" -> false;
            case "OnFailure" -> exit != 0;
            default -> true;
        };
        return new LocalContainer(
                container,
                () -> planner.plan(pod, container, images.launcher(container.getImage())),
                restartsAfter,
                changed);
    }

    private void finishDeletion(PodRun run, Pod pod) {
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        if (!end(run, grace == null ? USUAL_GRACE : Duration.ofSeconds(grace))) {
            return;
        }
        run.fallSilent();
        while (!closed && !deleteFromServer(pod)) {
            LockSupport.parkNanos(RETRY.toNanos());
        }
        pods.remove(pod.getMetadata().getUid());
    }

    private static boolean end(PodRun run, Duration grace) {
        boolean first = run.terminate(grace);
        if (first) {
            run.fallSilent();
        }
        return first;
    }

    private boolean deleteFromServer(Pod pod) {
        try {
            kubernetes
                    .client()
                    .pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .withGracePeriod(0)
                    .delete();
            return true;
        } catch (KubernetesClientException e) {
            return e.getCode() == 404;
        }
    }

    private static boolean isOver(Pod pod) {
        String phase = pod.getStatus() == null ? "" : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    private static Path make(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder + " cannot be made", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
