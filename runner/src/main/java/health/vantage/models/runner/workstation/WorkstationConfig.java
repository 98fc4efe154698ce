package health.vantage.models.runner.workstation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a workstation's file says.
 *
 * @param publicKeys PEM texts; one of them must have signed every model. Empty: signatures are not asked for
 * @param cacheFolder where models and journal lie; empty for the command line's
 * @param poll between two looks for moved tags
 */
public record WorkstationConfig(
        List<String> publicKeys, Optional<Path> cacheFolder, Duration poll, List<ModelWish> models) {
    public WorkstationConfig {
        publicKeys = List.copyOf(publicKeys);
        models = List.copyOf(models);
    }
}
