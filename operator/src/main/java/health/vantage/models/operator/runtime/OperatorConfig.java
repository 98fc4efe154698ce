package health.vantage.models.operator.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** What the chart sets, by environment variables {@code VANTAGE_...}. */
@ConfigMapping(prefix = "vantage")
public interface OperatorConfig {
    /** The operator's own namespace: runner DaemonSets and Services live there. */
    @WithDefault("${POD_NAMESPACE:vantage-system}")
    String namespace();

    /** Its pod, by which it holds the lease and signs events; empty where it runs in none. */
    @WithDefault("${POD_NAME:}")
    Optional<String> podName();

    /** Whether a ModelDeployment without keys is refused. */
    @WithDefault("true")
    boolean requireSignatures();

    /** The ServiceAccount that runner pods use; the chart installs it. */
    @WithDefault("vantage-runner")
    String runnerServiceAccount();

    /** Registries ({@code host:port}) that speak plain HTTP, besides those on loopback. */
    Optional<List<String>> insecureRegistries();
}
