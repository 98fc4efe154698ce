package health.vantage.models.runner.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries what an engine prints into the runner's log, and keeps the end of it for error messages. */
final class EngineOutput {
    private static final Logger LOG = LoggerFactory.getLogger(EngineOutput.class);
    private static final int KEPT = 5;
    private static final int LONGEST = 2000;

    private final Deque<String> last = new ArrayDeque<>();
    private final String label;
    private Thread pump;

    private EngineOutput(String label) {
        this.label = label;
    }

    static EngineOutput follow(InputStream stream, String label) {
        EngineOutput output = new EngineOutput(label);
        output.pump = Thread.ofVirtual().name("engine-output-" + label).start(() -> output.pump(stream));
        return output;
    }

    /** An endless line must not become an endless string. */
    private void pump(InputStream stream) {
        byte[] line = new byte[LONGEST];
        int length = 0;
        try (stream) {
            byte[] chunk = new byte[8192];
            for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
                for (int i = 0; i < read; i++) {
                    if (chunk[i] == '\n') {
                        take(new String(line, 0, length, StandardCharsets.UTF_8));
                        length = 0;
                    } else if (length < LONGEST) {
                        line[length++] = chunk[i];
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("engine {}: no more output", label, e);
        }
        if (length > 0) {
            take(new String(line, 0, length, StandardCharsets.UTF_8));
        }
    }

    private void take(String line) {
        String text = line.strip();
        if (text.isEmpty()) {
            return;
        }
        LOG.info("engine {}: {}", label, text);
        synchronized (last) {
            last.addLast(text);
            if (last.size() > KEPT) {
                last.removeFirst();
            }
        }
    }

    /** As the end of a sentence; empty when it said nothing. Only once the engine has ended. */
    String lastWords() {
        try {
            pump.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (last) {
            return last.isEmpty() ? "" : "; the last it printed: " + String.join(" | ", last);
        }
    }
}
