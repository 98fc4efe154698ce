package health.vantage.models.operator.runtime;

import health.vantage.models.artifact.registry.DockerConfig;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** The outside world, as beans: time, registries, leadership. */
@Dependent
public class Beans {
    static final String LEASE = "vantage-model-operator";

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    Repositories repositories(OperatorConfig config) {
        // The chart mounts the registry Secret and names its folder in DOCKER_CONFIG.
        return new Repositories(RegistryOptions.defaults()
                .withCredentials(DockerConfig.ofUser())
                .withPlainHttp(Set.copyOf(config.insecureRegistries().orElse(List.of()))));
    }

    /** One leader decides; it exits when it loses the lease, so that no decision of a former leader is carried out. */
    @Produces
    @ApplicationScoped
    LeaderElectionConfiguration leaderElection(OperatorConfig config) {
        // JOSDK 5.3's build() makes one that stays, and works on, when it has lost the lease; only the other one lets
        // us say.
        var election = LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                .withLeaseNamespace(config.namespace());
        // By the name of its pod, a container that crashed and starts again has the lease already: only one runs in a
        // pod.
        config.podName().ifPresent(election::withIdentity);
        return election.buildForTest(true);
    }
}
