package health.vantage.models.system.harness;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a kind of node shows to Kubernetes: the labels that NVIDIA's GPU feature discovery gives it, and what it can allocate.
 *
 * @param labels without those that every node has
 * @param allocatable resource name to quantity
 */
public record NodeShape(Map<String, String> labels, Map<String, String> allocatable) {
    /** On a node with this label every pod is only marked as running, whatever its image: for big fleets. */
    public static final String PODS_SIMULATED = "system.vantage.health/pods-simulated";

    private static final String GPU = "nvidia.com/gpu";

    /** A Jetson Orin NX: 8 GB shared between GPU and system. Its driver labels are as useless as on a real one. */
    public static NodeShape jetson() {
        var labels = gpu("Orin", 7_620, 1, "8", "7");
        labels.put("nvidia.com/cuda.driver-version.full", "unknown");
        labels.put("nvidia.com/gpu.deploy.device-plugin", "true");
        labels.put("kubernetes.io/arch", "arm64");
        return new NodeShape(labels, resources("8", "7620Mi", 1));
    }

    /** A workstation with one RTX 6000 Ada: 48 GB. */
    public static NodeShape rtx() {
        var labels = gpu("NVIDIA-RTX-6000-Ada-Generation", 49_140, 1, "8", "9");
        cuda(labels, "570.124", "12", "8");
        return new NodeShape(labels, resources("32", "256Gi", 1));
    }

    /** A DGX with eight H100: 80 GB each. */
    public static NodeShape dgx() {
        var labels = gpu("NVIDIA-H100-80GB-HBM3", 81_559, 8, "9", "0");
        cuda(labels, "570.124", "12", "8");
        return new NodeShape(labels, resources("224", "2Ti", 8));
    }

    /** A machine without a GPU. */
    public static NodeShape cpu() {
        return new NodeShape(Map.of("kubernetes.io/arch", "amd64"), resources("16", "64Gi", 0));
    }

    /** The same with another label; an empty value is a value. */
    public NodeShape with(String label, String value) {
        var more = new LinkedHashMap<>(labels);
        more.put(label, value);
        return new NodeShape(more, allocatable);
    }

    /** The same without a label. */
    public NodeShape without(String label) {
        var fewer = new LinkedHashMap<>(labels);
        fewer.remove(label);
        return new NodeShape(fewer, allocatable);
    }

    /** The same, with pods that are only marked as running: {@value #PODS_SIMULATED}. */
    public NodeShape withSimulatedPods() {
        return with(PODS_SIMULATED, "true");
    }

    private static Map<String, String> gpu(String product, int memoryMiB, int count, String major, String minor) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("kubernetes.io/arch", "amd64");
        labels.put("nvidia.com/gpu.present", "true");
        labels.put("nvidia.com/gpu.product", product);
        labels.put("nvidia.com/gpu.memory", Integer.toString(memoryMiB));
        labels.put("nvidia.com/gpu.count", Integer.toString(count));
        labels.put("nvidia.com/gpu.replicas", "1");
        labels.put("nvidia.com/gpu.sharing-strategy", "none");
        labels.put("nvidia.com/gpu.compute.major", major);
        labels.put("nvidia.com/gpu.compute.minor", minor);
        return labels;
    }

    private static void cuda(Map<String, String> labels, String driver, String major, String minor) {
        labels.put("nvidia.com/cuda.driver-version.full", driver);
        labels.put("nvidia.com/cuda.runtime-version.major", major);
        labels.put("nvidia.com/cuda.runtime-version.minor", minor);
        labels.put("nvidia.com/cuda.runtime-version.full", major + "." + minor);
    }

    private static Map<String, String> resources(String cpu, String memory, int gpus) {
        var resources =
                new LinkedHashMap<>(Map.of("cpu", cpu, "memory", memory, "pods", "110", "ephemeral-storage", "200Gi"));
        if (gpus > 0) {
            resources.put(GPU, Integer.toString(gpus));
        }
        return resources;
    }
}
