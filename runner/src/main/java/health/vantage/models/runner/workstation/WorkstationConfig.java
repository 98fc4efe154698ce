package health.vantage.models.runner.workstation;

import health.vantage.models.api.Verification;
import health.vantage.models.runner.engine.EngineSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a workstation's file says.
 *
 * @param verify what every model must come with
 * @param cacheFolder where models and journal lie; empty for the command line's
 * @param poll between two looks for moved tags
 * @param engines programs for formats that this process cannot load
 */
public record WorkstationConfig(
        Verification verify,
        Optional<Path> cacheFolder,
        Duration poll,
        List<ModelWish> models,
        List<EngineSpec> engines) {
    /** Without engines. */
    public WorkstationConfig(Verification verify, Optional<Path> cacheFolder, Duration poll, List<ModelWish> models) {
        this(verify, cacheFolder, poll, models, List.of());
    }

    public WorkstationConfig {
        engines = List.copyOf(engines);
        models = List.copyOf(models);
    }
}
