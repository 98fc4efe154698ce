package health.vantage.models.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import health.vantage.models.api.Rollout;
import health.vantage.models.operator.plan.Quorum;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    @Test
    void anEmptySpecHasTheDocumentedDefaults() {
        assertThat(Policy.of(new Rollout(null, null, null, null, null, null, null)))
                .isEqualTo(new Policy(
                        new Quorum.Reachable(),
                        1,
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(60),
                        0.01,
                        3.0));
    }

    @ParameterizedTest
    @CsvSource({"0%, 0", "0.5%, 0.005", "1%, 0.01", "100%, 1"})
    void anErrorRateIsAPercentage(String text, double rate) {
        assertThat(Policy.of(new Rollout(null, null, null, null, null, text, null))
                        .maxErrorRate())
                .isCloseTo(rate, org.assertj.core.data.Offset.offset(1e-12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0.01", "-1%", "one%", "1 %", "1%%", "1000%"})
    void whatIsNoPercentageIsRefusedNamingTheField(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of(new Rollout(null, null, null, null, null, text, null)))
                .withMessageContaining("spec.rollout.maxErrorRate");
    }

    @Test
    void whatIsNoDurationIsRefusedNamingTheField() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of(new Rollout(null, null, "soon", null, null, null, null)))
                .withMessageContaining("spec.rollout.stageTimeout")
                .withMessageContaining("soon");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of(new Rollout(null, null, null, "2", null, null, null)))
                .withMessageContaining("spec.rollout.activateTimeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of(new Rollout(null, null, null, null, "1d", null, null)))
                .withMessageContaining("spec.rollout.soak");
    }
}
