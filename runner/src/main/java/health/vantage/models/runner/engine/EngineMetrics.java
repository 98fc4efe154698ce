package health.vantage.models.runner.engine;

import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.serve.ModelTable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How engines are doing, and what they say of themselves, in Prometheus' text format with the label {@code model}. */
public final class EngineMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(EngineMetrics.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int MOST_BYTES = 2 * 1024 * 1024;
    private static final long MIB = 1024 * 1024;

    private final ModelTable table;

    public EngineMetrics(ModelTable table) {
        this.table = table;
    }

    public String scrape() {
        StringBuilder own = new StringBuilder();
        StringBuilder theirs = new StringBuilder();
        Set<String> described = new HashSet<>();
        table.forEach(lane -> lane.slot().hold().ifPresent(version -> {
            try {
                if (version.model() instanceof ExternalModel engine) {
                    describe(lane.slot().name(), version, engine, own);
                    said(engine)
                            .ifPresent(text -> theirs.append(
                                    new Exposition(text).labelled(lane.slot().name(), described)));
                }
            } finally {
                version.release();
            }
        }));
        return own.isEmpty() ? "" : HEAD + own + theirs;
    }

    private static final String HEAD = """
            # HELP vantage_engine_up 1 while the model's engine answers
            # TYPE vantage_engine_up gauge
            # HELP vantage_engine_restarts_total Starts of the version's engine after its first
            # TYPE vantage_engine_restarts_total counter
            # HELP vantage_engine_memory_bytes Memory of all processes of the engine, without mapped files
            # TYPE vantage_engine_memory_bytes gauge
            """;

    private static void describe(String model, ServedVersion version, ExternalModel engine, StringBuilder text) {
        ExternalModel.Reading reading = engine.reading();
        String labels = "{model=\"" + model + "\",engine=\"" + reading.engine() + "\",version=\""
                + Exposition.escaped(version.contract().version()) + "\"} ";
        text.append("vantage_engine_up")
                .append(labels)
                .append(engine.trouble().isEmpty() ? 1 : 0)
                .append('\n');
        text.append("vantage_engine_restarts_total")
                .append(labels)
                .append(reading.restarts())
                .append('\n');
        text.append("vantage_engine_memory_bytes")
                .append(labels)
                .append(reading.memoryMiB() * MIB)
                .append('\n');
    }

    private static Optional<String> said(ExternalModel engine) {
        Optional<URI> url = engine.metrics();
        if (url.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new String(EngineHttp.get(url.get(), PATIENCE, MOST_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("the metrics of {} cannot be read: {}", engine.device(), e.getMessage());
            return Optional.empty();
        }
    }
}
