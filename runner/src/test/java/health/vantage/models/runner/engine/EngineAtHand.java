package health.vantage.models.runner.engine;

import health.vantage.models.api.Engine;
import health.vantage.models.api.ModelNodeStatus.Gpu;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.backend.Declared;
import health.vantage.models.runner.samples.TinyEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link TinyEngine} as an engine of a tier, watched more closely than is usual. */
public final class EngineAtHand {
    private static final Patience QUICK = new Patience(
            Duration.ofMillis(100),
            Duration.ofMillis(1000),
            3,
            Duration.ofMillis(100),
            Duration.ofMillis(800),
            Duration.ofSeconds(60));

    private EngineAtHand() {}

    /** @param startTimeout such as {@code 30s} */
    public static Engine tier(String startTimeout, int maxRequests) {
        return new Engine(
                "tiny",
                List.of("vllm"),
                TinyEngine.command(),
                Map.of(),
                null,
                null,
                "http://127.0.0.1:{port}/metrics",
                startTimeout,
                "5s",
                "3s",
                maxRequests,
                1,
                null);
    }

    public static EngineBackend backend(String startTimeout, int maxRequests) {
        return backend(tier(startTimeout, maxRequests), List.of());
    }

    static EngineBackend backend(Engine engine, List<Gpu> seen) {
        return new EngineBackend(EngineSpec.all(List.of(engine)).getFirst(), () -> seen, QUICK);
    }

    public static Backends backends() {
        return Backends.discover(List.of(backend("60s", 8)));
    }

    static Declared declared() {
        return new Declared("llm", "1.0.0", "vllm", "fp16", 256, Optional.empty(), List.of());
    }

    /** The folder of an artifact that holds such a model. */
    static Path model(Path folder, String... words) throws IOException {
        Files.createDirectories(folder.resolve("models"));
        Files.writeString(folder.resolve("models/engine.txt"), String.join("\n", words) + "\n");
        return folder;
    }
}
