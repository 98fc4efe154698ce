package health.vantage.models.runner.kube;

import health.vantage.models.api.ModelNodeStatus.Gpu;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory that models of this node can use: each GPU's own where there is an NVIDIA driver with discrete GPUs, else the memory of the
 * machine (a Jetson shares it between GPU and system, a CPU node has nothing else).
 */
public final class DeviceMemory {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceMemory.class);
    private static final List<String> QUERY =
            List.of("nvidia-smi", "--query-gpu=index,name,memory.total,memory.free", "--format=csv,noheader,nounits");

    /** A driver that has gone mad must not stop the status. */
    private static final String MEBIBYTES = "\\d{1,9}";

    private final String sharedProduct;

    /** @param tier the node's; names the shared memory where there is no GPU of its own */
    public DeviceMemory(String tier) {
        this.sharedProduct = tier;
    }

    /** One entry per device; empty when nothing can be read, which the operator takes as unknown, never as fitting. */
    public List<Gpu> read() {
        List<Gpu> gpus = discrete();
        return gpus.isEmpty() ? shared() : gpus;
    }

    private static List<Gpu> discrete() {
        try {
            Process query = new ProcessBuilder(QUERY).redirectErrorStream(true).start();
            String answer = new String(query.getInputStream().readNBytes(64 * 1024), StandardCharsets.UTF_8);
            if (!query.waitFor(5, TimeUnit.SECONDS) || query.exitValue() != 0) {
                query.destroyForcibly();
                return List.of();
            }
            return parse(answer);
        } catch (IOException e) {
            // No nvidia-smi: no discrete NVIDIA GPU that this container was given.
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Lines of {@code 0, NVIDIA H100, 81559, 81000}; a Jetson answers {@code [N/A]} for memory, and its line is left out. */
    static List<Gpu> parse(String answer) {
        List<Gpu> gpus = new ArrayList<>();
        for (String line : answer.lines().toList()) {
            String[] parts = line.split("\\s*,\\s*");
            if (parts.length == 4
                    && parts[0].matches("\\d{1,3}")
                    && parts[2].matches(MEBIBYTES)
                    && parts[3].matches(MEBIBYTES)) {
                gpus.add(new Gpu(
                        Integer.valueOf(parts[0]), parts[1], Long.valueOf(parts[2]), Long.valueOf(parts[3]), false));
            }
        }
        return gpus;
    }

    private List<Gpu> shared() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/meminfo"));
            return List.of(
                    new Gpu(0, sharedProduct, mebibytes(lines, "MemTotal:"), mebibytes(lines, "MemAvailable:"), true));
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            LOG.warn("the machine's memory cannot be read: {}", e.toString());
            return List.of();
        }
    }

    private static long mebibytes(List<String> lines, String field) {
        return lines.stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .map(kib -> Long.parseLong(kib) / 1024)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("/proc/meminfo has no " + field));
    }
}
