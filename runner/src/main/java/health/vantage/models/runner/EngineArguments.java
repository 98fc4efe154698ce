package health.vantage.models.runner;

import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.engine.EngineBackend;
import health.vantage.models.runner.engine.EngineSpec;
import health.vantage.models.runner.kube.DeviceMemory;
import health.vantage.models.runner.workstation.WorkstationConfig;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Programs that serve what this process cannot load. */
final class EngineArguments {
    @Option(
            names = "--engines",
            paramLabel = "json",
            defaultValue = "${env:VANTAGE_ENGINES:-}",
            description =
                    "Env VANTAGE_ENGINES: a JSON list of engines, as in a ComputeTier's spec.engines. With --config the"
                            + " file's engines count.")
    private String engines;

    /** Those engines first: who names one for a format means it. */
    Backends backends(Optional<WorkstationConfig> workstation) {
        List<EngineSpec> specs = workstation.map(WorkstationConfig::engines).orElseGet(() -> EngineSpec.parse(engines));
        List<Backend> first = specs.stream()
                .<Backend>map(spec -> new EngineBackend(spec, new DeviceMemory("")::read))
                .toList();
        return Backends.discover(first);
    }
}
