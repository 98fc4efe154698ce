package health.vantage.models.runner.kube;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class MemoryConditionTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-01T00:00:00Z"));
    private final MemoryCondition condition = new MemoryCondition(now::get);

    @Test
    void aModelThatTakesMoreThanItDeclaresIsNamedWithBothFiguresAndWhatToDo() {
        Condition judged = condition.judge(List.of(model("honest", 512L, 400L), model("greedy", 512L, 1300L)));

        assertThat(judged.type()).isEqualTo("MemoryAsDeclared");
        assertThat(judged.status()).isEqualTo(Condition.Status.False);
        assertThat(judged.reason()).isEqualTo("MoreThanDeclared");
        assertThat(judged.message())
                .isEqualTo("Model greedy takes 1300 MiB and declares 512; nodes are filled by what is declared:"
                        + " correct model.vramGB in its metadata");
    }

    @Test
    void noiseAndModelsThatWereNotMeasuredAreNoExcess() {
        Condition judged = condition.judge(
                List.of(model("near", 512L, 520L), model("unknown", 512L, null), model("none", null, null)));

        assertThat(judged.status()).isEqualTo(Condition.Status.True);
        assertThat(judged.reason()).isEqualTo("AsDeclared");
    }

    @Test
    void theTimeMovesOnlyWithTheStatus() {
        String first = condition.judge(List.of()).lastTransitionTime();
        now.set(Instant.parse("2026-11-02T00:00:00Z"));

        assertThat(condition.judge(List.of()).lastTransitionTime()).isEqualTo(first);
        assertThat(condition.judge(List.of(model("greedy", 1L, 100L))).lastTransitionTime())
                .isEqualTo("2026-11-02T00:00:00Z");
    }

    private static ModelState model(String name, Long declared, Long measured) {
        return new ModelState(
                name,
                1L,
                State.Active,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0L,
                0L,
                0.0,
                declared,
                measured);
    }
}
