package health.vantage.models.operator.plan;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierSpec;
import health.vantage.models.api.ComputeTierSpec.Gpus;
import health.vantage.models.api.ComputeTierSpec.Memory;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeStatus;
import io.fabric8.kubernetes.api.model.Node;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads a node's GPUs, in this order: NVIDIA GPU feature discovery's labels, the tier's fallback, the runner's own
 * reading.
 *
 * <p>{@code nvidia.com/gpu.memory} is MiB <em>per GPU</em>, one value per node. On a Jetson the labels can be missing or
 * literally {@code unknown}. A runner that sees one GPU can use one, however many the label counts. The short {@code
 * nvidia.com/cuda.runtime.major} forms are deprecated, both are read.
 * Source: github.com/NVIDIA/k8s-device-plugin, docs/gpu-feature-discovery.
 */
public final class NodeReading {
    private static final String MEMORY = "nvidia.com/gpu.memory";
    private static final String COUNT = "nvidia.com/gpu.count";
    private static final int MOST_GPUS = 64;

    private NodeReading() {}

    public static NodeFacts read(Node node, ModelNode modelNode, ComputeTier tier) {
        Map<String, String> labels =
                Optional.ofNullable(node.getMetadata().getLabels()).orElse(Map.of());
        ModelNodeStatus status = Optional.ofNullable(modelNode.getStatus())
                .orElseGet(() -> new ModelNodeStatus(null, null, null, null, null, null));
        return new NodeFacts(
                node.getMetadata().getName(),
                tier.getMetadata().getName(),
                isReady(node),
                Instant.parse(modelNode.getMetadata().getCreationTimestamp()),
                modelNode.getMetadata().getUid(),
                formats(tier.getSpec()),
                gpus(labels, tier.getSpec(), status.gpus()),
                cuda(labels),
                modelNode.getSpec() == null ? List.of() : modelNode.getSpec().models(),
                status);
    }

    /** An engine's formats need not be named twice. */
    private static Set<String> formats(ComputeTierSpec tier) {
        return tier.formats().isEmpty()
                ? Set.of()
                : Stream.concat(
                                tier.formats().stream(),
                                tier.engines().stream().flatMap(engine -> engine.formats().stream()))
                        .collect(Collectors.toUnmodifiableSet());
    }

    public static boolean isReady(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    static List<Gpu> gpus(Map<String, String> labels, ComputeTierSpec spec, List<ModelNodeStatus.Gpu> reported) {
        Memory tier = spec.memory();
        int seen = spec.runner().gpus() == Gpus.All ? MOST_GPUS : 1;
        OptionalLong labelled = number(labels.get(MEMORY));
        if (labelled.isPresent()) {
            return alike(Math.min(seen, count(labels)), labelled.getAsLong(), tier);
        }
        if (tier.fallbackMiB() != null) {
            return alike(Math.min(seen, count(labels)), tier.fallbackMiB(), tier);
        }
        return reported.stream()
                .filter(gpu -> gpu.index() != null && gpu.memoryMiB() != null && gpu.memoryMiB() > 0)
                .limit(seen)
                .map(gpu -> new Gpu(gpu.index(), usable(gpu.memoryMiB(), tier)))
                .toList();
    }

    private static List<Gpu> alike(int count, long memoryMiB, Memory tier) {
        return IntStream.range(0, count)
                .mapToObj(index -> new Gpu(index, usable(memoryMiB, tier)))
                .toList();
    }

    private static long usable(long memoryMiB, Memory tier) {
        return Math.max(0, memoryMiB * tier.sharePercent() / 100 - tier.headroomMiB());
    }

    private static int count(Map<String, String> labels) {
        return Math.clamp(number(labels.get(COUNT)).orElse(1), 1, MOST_GPUS);
    }

    private static OptionalLong number(String label) {
        if (label == null || !label.matches("[0-9]{1,9}") || Long.parseLong(label) == 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(label));
    }

    private static Optional<String> cuda(Map<String, String> labels) {
        String full = labels.get("nvidia.com/cuda.runtime-version.full");
        if (Versions.isVersion(full)) {
            return Optional.of(full);
        }
        for (String form : List.of("nvidia.com/cuda.runtime-version.", "nvidia.com/cuda.runtime.")) {
            String version = labels.get(form + "major") + "." + labels.getOrDefault(form + "minor", "0");
            if (Versions.isVersion(version)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }
}
