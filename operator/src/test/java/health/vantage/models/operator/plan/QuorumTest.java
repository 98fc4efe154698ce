package health.vantage.models.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuorumTest {
    @Test
    void theThreeFormsAreRead() {
        assertThat(Quorum.parse("All")).isEqualTo(new Quorum.All());
        assertThat(Quorum.parse("Reachable")).isEqualTo(new Quorum.Reachable());
        assertThat(Quorum.parse("1%")).isEqualTo(new Quorum.Share(1));
        assertThat(Quorum.parse("100%")).isEqualTo(new Quorum.Share(100));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "all", "ALL", "0%", "101%", "090%", "90", "-5%", "9.5%", " 90%", "90% ", "90%\n"})
    void anythingElseIsRefusedNamingTheField(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Quorum.parse(text))
                .withMessageContaining("spec.rollout.requireNodes")
                .withMessageContaining("90%");
    }

    @ParameterizedTest(name = "{0} of {1} nodes: {2} may fail")
    @CsvSource({
        "All, 20, 0",
        "Reachable, 20, 0",
        "100%, 20, 0",
        "90%, 20, 2",
        "90%, 19, 1",
        "90%, 10, 1",
        "90%, 9, 0",
        "90%, 1, 0",
        "50%, 1, 0",
        "50%, 3, 1",
        "1%, 3, 2",
        "99%, 2000, 20",
        "90%, 0, 0",
    })
    void aShareIsRoundedInFavourOfServing(String quorum, int nodes, int mayFail) {
        assertThat(Quorum.parse(quorum).mayFail(nodes)).isEqualTo(mayFail);
    }

    @ParameterizedTest(name = "{0}: {2} of {1} able starts: {3}")
    @CsvSource({
        "All, 3, 3, true",
        "All, 3, 2, false",
        "Reachable, 3, 1, true",
        "Reachable, 3, 0, false",
        "90%, 10, 9, true",
        "90%, 10, 8, false",
        "1%, 1, 0, false",
        "1%, 100, 1, true",
        "1%, 100, 0, false",
    })
    void aTierStartsOnlyWithTheNodesItMustHave(String quorum, int nodes, int able, boolean starts) {
        assertThat(Quorum.parse(quorum).canStart(nodes, able)).isEqualTo(starts);
    }
}
