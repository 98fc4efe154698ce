package health.vantage.models.runner.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a process has of the machine's memory: proc(5), {@code /proc/PID/status}.
 *
 * @param residentMiB now
 * @param peakMiB at its most
 */
public record ProcessMemory(long residentMiB, long peakMiB) {
    /** Empty when it has ended, or this is no Linux. */
    public static Optional<ProcessMemory> of(long pid) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
            Optional<Long> resident = mebibytes(lines, "VmRSS:");
            Optional<Long> peak = mebibytes(lines, "VmHWM:");
            return resident.flatMap(now -> peak.map(most -> new ProcessMemory(now, most)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public static Optional<ProcessMemory> own() {
        return of(ProcessHandle.current().pid());
    }

    private static Optional<Long> mebibytes(List<String> lines, String field) {
        return lines.stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .filter(digits -> !digits.isEmpty())
                .map(kib -> Long.parseLong(kib) / 1024)
                .findFirst();
    }
}
