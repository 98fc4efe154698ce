package health.vantage.models.runner.engine;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Asks an engine how it is. */
record EngineHealth(URI url, Duration timeout) {
    /** Why it is not healthy; empty when it is. */
    Optional<String> complaint() {
        try {
            int status = EngineHttp.status(url, timeout);
            return status / 100 == 2 ? Optional.empty() : Optional.of(url.getPath() + " answers with status " + status);
        } catch (IOException e) {
            return Optional.of(url + " does not answer: " + e.getMessage());
        }
    }
}
