package health.vantage.models.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BatchChoiceTest {
    private static final long DELAY = Duration.ofMillis(5).toNanos();

    private record Waiting(String name, Optional<String> kind, long rows, long arrived)
            implements BatchChoice.Candidate {}

    @Test
    void withoutBatchingTheFirstRunsAlone() {
        assertThat(names(choose(Optional.empty(), 0, like("a", 1), like("b", 1))))
                .containsExactly("a");
    }

    @Test
    void aRequestThatCannotBeJoinedRunsAlone() {
        Waiting odd = new Waiting("odd", Optional.empty(), 1, 0);

        assertThat(names(choose(upTo(8), DELAY, odd, odd, like("a", 1)))).containsExactly("odd");
    }

    @Test
    void aFullBatchRunsAtOnceAndKeepsTheOrder() {
        BatchChoice<Waiting> choice = choose(upTo(4), 0, like("a", 2), like("b", 1), like("c", 1), like("d", 1));

        assertThat(names(choice)).containsExactly("a", "b", "c");
        assertThat(choice.waitNanos()).isZero();
    }

    @Test
    void aRequestThatDoesNotFitAnyMoreEndsTheWait() {
        BatchChoice<Waiting> choice = choose(upTo(4), 0, like("a", 3), like("b", 2));

        assertThat(names(choice)).containsExactly("a");
        assertThat(choice.waitNanos()).isZero();
    }

    @Test
    void theFirstWaitsForOthersUntilItsDelayIsOver() {
        assertThat(choose(upTo(4), DELAY - 1, like("a", 1), like("b", 1)).waitNanos())
                .isEqualTo(1);
        BatchChoice<Waiting> late = choose(upTo(4), DELAY, like("a", 1), like("b", 1));
        assertThat(late.waitNanos()).isZero();
        assertThat(names(late)).containsExactly("a", "b");
    }

    @Test
    void nobodyWaitsWhileAnotherKindStandsBehind() {
        Waiting other = new Waiting("other", Optional.of("48x192"), 1, 0);

        BatchChoice<Waiting> choice = choose(upTo(4), 0, like("a", 1), other, like("b", 1));

        assertThat(names(choice)).containsExactly("a", "b");
        assertThat(choice.waitNanos()).isZero();
    }

    @Test
    void theLargestPreferredSizeThatIsThereRunsAtOnce() {
        Optional<Batching> preferring = Optional.of(new Batching(8, List.of(2, 4), Duration.ofMillis(5)));

        assertThat(names(choose(preferring, 0, like("a", 1), like("b", 1), like("c", 1))))
                .containsExactly("a", "b");
        assertThat(choose(preferring, 0, like("a", 1)).waitNanos()).isEqualTo(DELAY);
        assertThat(names(choose(preferring, 0, like("a", 1), like("b", 1), like("c", 1), like("d", 1), like("e", 1))))
                .containsExactly("a", "b", "c", "d");
    }

    @Test
    void aRequestLargerThanABatchRunsAlone() {
        BatchChoice<Waiting> choice = choose(upTo(4), 0, like("large", 9), like("b", 1));

        assertThat(names(choice)).containsExactly("large");
        assertThat(choice.waitNanos()).isZero();
    }

    private static Waiting like(String name, long rows) {
        return new Waiting(name, Optional.of("3x48x192"), rows, 0);
    }

    private static Optional<Batching> upTo(int rows) {
        return Optional.of(new Batching(rows, List.of(), Duration.ofMillis(5)));
    }

    private static BatchChoice<Waiting> choose(Optional<Batching> batching, long now, Waiting... line) {
        return BatchChoice.among(Arrays.asList(line), batching, now);
    }

    private static List<String> names(BatchChoice<Waiting> choice) {
        return choice.members().stream().map(Waiting::name).toList();
    }
}
