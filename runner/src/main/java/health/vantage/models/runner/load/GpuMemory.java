package health.vantage.models.runner.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is taken of one GPU's memory by everybody, as nvidia-smi tells it: containers do not see whose it is. */
final class GpuMemory {
    private static final Logger LOG = LoggerFactory.getLogger(GpuMemory.class);
    private static final String CUDA = "cuda:";

    private GpuMemory() {}

    /** @param device such as {@code cuda:0}; empty for others, and where it cannot be read */
    static Optional<Long> usedMiB(String device) {
        if (!device.matches("cuda:\\d{1,3}")) {
            return Optional.empty();
        }
        List<String> query = List.of(
                "nvidia-smi",
                "--query-gpu=memory.used",
                "--format=csv,noheader,nounits",
                "--id=" + device.substring(CUDA.length()));
        try {
            Process process =
                    new ProcessBuilder(query).redirectErrorStream(true).start();
            String answer = new String(process.getInputStream().readNBytes(1024), StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                return Optional.empty();
            }
            return parse(answer);
        } catch (IOException e) {
            LOG.debug("nvidia-smi cannot be asked: {}", e.toString());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** {@code 1234}; a Jetson answers {@code [N/A]}. */
    static Optional<Long> parse(String answer) {
        String digits = answer.strip();
        return digits.matches("\\d{1,9}") ? Optional.of(Long.valueOf(digits)) : Optional.empty();
    }
}
