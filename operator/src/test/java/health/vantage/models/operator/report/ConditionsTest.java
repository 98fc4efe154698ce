package health.vantage.models.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant THEN = Instant.parse("2026-11-01T12:00:00.123Z");

    @Test
    void theTransitionTimeMovesOnlyWhenTheStatusDoes() {
        var first = new Conditions(List.of(), 1, THEN);
        first.set(ConditionType.Ready, Status.False, "Staging", "1 of 2");
        var later = new Conditions(first.inOrder(), 2, THEN.plusSeconds(60));
        later.set(ConditionType.Ready, Status.False, "Staging", "2 of 2");
        assertThat(later.get(ConditionType.Ready))
                .contains(new Condition("Ready", Status.False, 2L, "2026-11-01T12:00:00Z", "Staging", "2 of 2"));
        later.set(ConditionType.Ready, Status.True, "Confirmed", "serves");
        assertThat(later.get(ConditionType.Ready).map(Condition::lastTransitionTime))
                .contains("2026-11-01T12:01:00Z");
    }

    @Test
    void theyAreShownInTheirOwnOrderAndForeignOnesAreLeftOut() {
        var conditions = new Conditions(
                List.of(new Condition("Foreign", Status.True, 1L, "2026-11-01T12:00:00Z", "X", "")), 1, THEN);
        conditions.set(ConditionType.Stalled, Status.False, "A", "");
        conditions.set(ConditionType.Ready, Status.True, "B", "");
        assertThat(conditions.inOrder()).extracting(Condition::type).containsExactly("Ready", "Stalled");
    }

    @Test
    void anEndlessMessageIsCut() {
        var conditions = new Conditions(List.of(), 1, THEN);
        conditions.set(ConditionType.Ready, Status.False, "A", "x".repeat(5_000));
        assertThat(conditions.get(ConditionType.Ready).orElseThrow().message())
                .hasSize(1024)
                .endsWith("…");
    }
}
