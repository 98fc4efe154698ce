package health.vantage.models.runner.preflight;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How a process ended, in words: from the JVM's own crash report where there is one, else from the exit code. */
final class ChildExit {
    /** A process that a signal ended exits with this plus the signal's number, as the JVM reports it. */
    private static final int SIGNALLED = 128;

    private static final String FRAME = "# Problematic frame:";
    private static final long MAX_REPORT_BYTES = 8L << 20;

    private ChildExit() {}

    /** @param crashReport where the JVM was told to write it; it need not exist */
    static String describe(int exit, Path crashReport) throws IOException {
        if (Files.isRegularFile(crashReport) && Files.size(crashReport) <= MAX_REPORT_BYTES) {
            List<String> lines = new String(Files.readAllBytes(crashReport), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            String signal = lines.stream()
                    .filter(line -> line.startsWith("#  SIG"))
                    .map(line -> line.substring(3).replaceAll("[ ,].*", ""))
                    .findFirst()
                    .orElse("a fatal error");
            int frame = lines.indexOf(FRAME);
            String where = frame < 0 || frame + 1 >= lines.size()
                    ? ""
                    : ", in " + lines.get(frame + 1).replaceFirst("^#\\s*", "").strip();
            return "crashed the process (" + signal + where + ")";
        }
        return switch (exit - SIGNALLED) {
            case 4 -> "crashed the process (SIGILL: it uses instructions this processor lacks)";
            case 6 -> "crashed the process (SIGABRT)";
            case 7 -> "crashed the process (SIGBUS)";
            case 8 -> "crashed the process (SIGFPE)";
            case 9 -> "had its process killed (SIGKILL, most often for memory)";
            case 11 -> "crashed the process (SIGSEGV)";
            default -> "ended the process with exit code " + exit;
        };
    }
}
