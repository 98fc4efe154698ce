package health.vantage.models.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunnerServiceTest {

    @Test
    void aPodReachesTheRunnerOnItsOwnNodeWhereTheServerKnowsHow() {
        assertThat(build(Optional.of("Local")).getSpec().getInternalTrafficPolicy())
                .isEqualTo("Local");
        assertThat(Serialization.asJson(build(Optional.empty())))
                .as("an old server refuses a field it does not know")
                .doesNotContain("internalTrafficPolicy");
    }

    @Test
    void itFindsThePodsOfTheDaemonSet() {
        var pods = RunnerDaemonSet.build(ATier.named("rtx", ""), "i", "ns", "account", List.of())
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getLabels();
        assertThat(pods).containsAllEntriesOf(build(Optional.empty()).getSpec().getSelector());
    }

    private static Service build(Optional<String> policy) {
        return RunnerService.build(ATier.named("rtx", ""), "vantage-system", policy);
    }
}
