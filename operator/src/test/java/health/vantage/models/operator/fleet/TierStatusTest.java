package health.vantage.models.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierStatus;
import health.vantage.models.api.ComputeTierStatus.FailedUpgrade;
import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TierStatusTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    @ParameterizedTest(name = "{0} nodes, {1} ready, contested {2}, failed {3}, refused {4} -> {5} {6}")
    @CsvSource({
        "2, 2, false, false, false, True,  RunnersReady",
        "2, 1, false, false, false, False, RunnersNotReady",
        "0, 0, false, false, false, False, NoNodes",
        "2, 2, true,  false, false, False, TierOverlap",
        "2, 2, true,  true,  false, False, UpgradeRolledBack",
        "2, 2, true,  true,  true,  False, InvalidSpec",
    })
    void theWorstThingIsSaidFirst(
            int nodes, long ready, boolean contested, boolean failed, boolean refused, Status status, String reason) {
        Condition condition = of(tier(), nodes, ready, contested, failed, refused, NOW)
                .conditions()
                .getFirst();
        assertThat(condition.status()).isEqualTo(status);
        assertThat(condition.reason()).isEqualTo(reason);
        assertThat(condition.message()).isNotBlank();
    }

    @Test
    void nothingChangesWhereNothingChanged() {
        ComputeTier tier = tier();
        ComputeTierStatus first = of(tier, 2, 2, false, false, false, NOW);
        tier.setStatus(Serialization.unmarshal(Serialization.asJson(first), ComputeTierStatus.class));
        assertThat(of(tier, 2, 2, false, false, false, NOW.plusSeconds(60))).isEqualTo(tier.getStatus());
    }

    @Test
    void anUpgradeThatFailedIsRememberedAsAFieldNotAsASentence() {
        ComputeTierStatus status = of(tier(), 1, 1, false, true, false, NOW);
        assertThat(status.failedUpgrade()).isEqualTo(new FailedUpgrade("r.example/runner:2", "n7"));
        assertThat(status.conditions().getFirst().message()).contains("n7", "r.example/runner:2", "r.example/runner:1");
    }

    @ParameterizedTest(name = "{0} -> refused {1}")
    @CsvSource({
        "rtx, false",
        "rtx-a6000, false",
        "a23456789012345678901234567890123456789012345678, false",
        "a234567890123456789012345678901234567890123456789, true",
        "rtx.a6000, true",
        "RTX, true",
    })
    void aTierNeedsANameThatAServiceCanHave(String name, boolean refused) {
        assertThat(TierStatus.problemOfName(name).isPresent()).isEqualTo(refused);
        assertThat(("vantage-runner-" + name).length() <= 63 || refused).isTrue();
    }

    private static ComputeTier tier() {
        return ATier.named("rtx", "");
    }

    private static ComputeTierStatus of(
            ComputeTier tier, int nodes, long ready, boolean contested, boolean failed, boolean refused, Instant now) {
        var membership = new Membership(
                List.of(),
                Collections.nCopies(nodes, new NodeBuilder().build()),
                List.of(),
                List.of(),
                contested ? List.of("n9 (dgx)") : List.of());
        var upgrade = new RunnerUpgrade(
                "r.example/runner:1",
                Optional.empty(),
                Optional.empty(),
                failed ? Optional.of(new FailedUpgrade("r.example/runner:2", "n7")) : Optional.empty(),
                Optional.of("r.example/runner:1"));
        return TierStatus.of(
                tier, membership, ready, upgrade, refused ? Optional.of("refused") : Optional.empty(), now);
    }
}
