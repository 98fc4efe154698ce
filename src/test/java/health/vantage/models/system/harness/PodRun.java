package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** One pod on one simulated node: its containers, and what the API server is told of them. */
final class PodRun {
    /** Annotation with the real port of each container port, as in {@code 8500=20001,8080=20002}. */
    static final String PORTS = "system.vantage.health/ports";

    private final Pod pod;
    private final List<ContainerRun> containers;
    private final PodStatusWriter writer;
    private final Instant started = Instant.now();
    private final Map<String, String> since = new LinkedHashMap<>();
    private final Map<String, String> lastConditions = new LinkedHashMap<>();
    private final AtomicBoolean terminating = new AtomicBoolean();

    /** @param make the run of each container, given what to call when it changes */
    PodRun(KubernetesClient client, Pod pod, Function<Runnable, List<ContainerRun>> make) {
        this.pod = pod;
        this.writer = new PodStatusWriter(client, pod, this::annotations, this::status);
        this.containers = make.apply(writer::changed);
    }

    Pod pod() {
        return pod;
    }

    List<ContainerRun> containers() {
        return containers;
    }

    void start() {
        containers.forEach(ContainerRun::start);
    }

    /** Lets the API server know how it stands, now and at every change. */
    void report() {
        writer.start();
    }

    /** The API server hears nothing more. */
    void fallSilent() {
        writer.stop();
    }

    /** Power cut: every process ends in the middle of what it does. */
    void cutPower() {
        writer.stop();
        containers.parallelStream().forEach(container -> container.stop(Duration.ZERO));
    }

    /** Ends the containers as after a deletion; true for the first caller only. */
    boolean terminate(Duration grace) {
        if (!terminating.compareAndSet(false, true)) {
            return false;
        }
        containers.parallelStream().forEach(container -> container.stop(grace));
        return true;
    }

    /** The real port for a container port, once the process has one. */
    Optional<Integer> port(int containerPort) {
        return containers.stream()
                .flatMap(container -> container.plan().stream())
                .flatMap(plan -> Optional.ofNullable(plan.ports().get(containerPort)).stream())
                .findFirst();
    }

    private Map<String, String> annotations() {
        var ports = new LinkedHashMap<Integer, Integer>();
        containers.forEach(container -> container.plan().ifPresent(plan -> ports.putAll(plan.ports())));
        if (ports.isEmpty()) {
            return Map.of();
        }
        return Map.of(
                PORTS,
                String.join(
                        ",",
                        ports.entrySet().stream()
                                .map(port -> port.getKey() + "=" + port.getValue())
                                .sorted()
                                .toList()));
    }

    private synchronized PodStatus status() {
        List<ContainerStatus> statuses =
                containers.stream().map(container -> container.seen().status()).toList();
        boolean ready = statuses.stream().allMatch(ContainerStatus::getReady);
        return new PodStatusBuilder()
                .withPhase(phase())
                .withPodIP("127.0.0.1")
                .withHostIP("127.0.0.1")
                .withStartTime(ContainerSeen.text(started))
                .withContainerStatuses(statuses)
                .withConditions(
                        condition("PodScheduled", true),
                        condition("Initialized", true),
                        condition("ContainersReady", ready),
                        condition("Ready", ready))
                .build();
    }

    private String phase() {
        if (containers.stream().allMatch(container -> container.seen().isEnded())
                && !"Always".equals(pod.getSpec().getRestartPolicy())) {
            boolean good = containers.stream()
                    .allMatch(container ->
                            container.seen().state().getTerminated().getExitCode() == 0);
            return good ? "Succeeded" : "Failed";
        }
        boolean everRan =
                containers.stream().allMatch(container -> container.seen().runs() > 0);
        return everRan ? "Running" : "Pending";
    }

    private PodCondition condition(String type, boolean holds) {
        String status = holds ? "True" : "False";
        if (!status.equals(lastConditions.put(type, status))) {
            since.put(type, ContainerSeen.text(Instant.now()));
        }
        return new PodConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withLastTransitionTime(since.get(type))
                .build();
    }
}
