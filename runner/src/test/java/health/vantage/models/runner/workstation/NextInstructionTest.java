package health.vantage.models.runner.workstation;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Refused;
import health.vantage.models.runner.journal.JournalEntry.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NextInstructionTest {
    private static final ModelWish WISH = new ModelWish(
            "m", "r.io/m", new Selector.VersionRange("1.x"), "cpu", Duration.ofSeconds(1), 0.01, true, LaneWish.NONE);
    private static final Version ONE = version("one");
    private static final Version TWO = version("two");
    private static final JournalEntry SERVES_ONE =
            JournalEntry.empty("m").atEpoch(4, "", ONE.digest()).activated(ONE).confirmedNow(3);

    @Test
    void aMovedTagIsANewEpoch() {
        ModelInstruction next =
                decide(TWO, SERVES_ONE, Optional.empty(), false, true).orElseThrow();

        assertThat(next.epoch()).isEqualTo(5);
        assertThat(next.step()).isEqualTo(Step.Activate);
        assertThat(next.target().digest()).isEqualTo(TWO.digest().toString());
    }

    @Test
    void whatIsConfirmedIsLeftAlone() {
        assertThat(decide(ONE, SERVES_ONE, Optional.empty(), true, true)).isEmpty();
    }

    @Test
    void anAttemptKeepsItsEpochFromTheFirstInstructionToTheLast() {
        Optional<ModelInstruction> told = decide(TWO, SERVES_ONE, Optional.empty(), false, true);
        JournalEntry accepted = SERVES_ONE.atEpoch(5, "", TWO.digest());
        JournalEntry active = accepted.withStaging(Optional.of(TWO)).activated(TWO);

        assertThat(decide(TWO, accepted, told, false, true)).isEqualTo(told);
        assertThat(decide(TWO, active, told, false, true)).isEqualTo(told);
        assertThat(decide(TWO, active, told, true, true).orElseThrow().step()).isEqualTo(Step.Confirm);
        assertThat(decide(TWO, active, told, true, true).orElseThrow().epoch()).isEqualTo(5);
    }

    @Test
    void aRestartInTheMiddleGoesOnWithTheSameEpoch() {
        JournalEntry staging = SERVES_ONE.atEpoch(5, "", TWO.digest()).withStaging(Optional.of(TWO));

        assertThat(decide(TWO, staging, Optional.empty(), false, true)
                        .orElseThrow()
                        .epoch())
                .isEqualTo(5);
        assertThat(decide(TWO, staging.activated(TWO), Optional.empty(), false, true)
                        .orElseThrow()
                        .epoch())
                .isEqualTo(5);
    }

    @Test
    void aBadDigestIsNotTriedAgainHoweverOftenTheRegistryNamesIt() {
        for (String reason : List.of("PreflightFailed", "CrashedOnLoad", "SoakFailed", "IntegrityMismatch")) {
            assertThat(decide(TWO, refused(reason), Optional.empty(), true, true))
                    .as(reason)
                    .isEmpty();
        }
    }

    @Test
    void whatFailedForTheDiskOrASignatureIsTriedAgainAfterTheNextLookOnly() {
        assertThat(decide(TWO, refused("DiskFull"), Optional.empty(), false, false))
                .isEmpty();
        assertThat(decide(TWO, refused("DiskFull"), Optional.empty(), false, true)
                        .orElseThrow()
                        .epoch())
                .isEqualTo(6);
        assertThat(decide(TWO, refused("NoSignature"), Optional.empty(), false, true))
                .isPresent();
    }

    private static JournalEntry refused(String reason) {
        return SERVES_ONE.atEpoch(5, "", TWO.digest()).withRefused(new Refused(TWO.digest(), 5, reason, "it failed"));
    }

    private static Optional<ModelInstruction> decide(
            Version target, JournalEntry entry, Optional<ModelInstruction> told, boolean soaked, boolean asked) {
        Answer answer = Answer.to(WISH, target.digest(), target.version());
        return new NextInstruction(WISH, answer, Verification.NONE, entry, told, soaked, asked).decide();
    }

    private static Version version(String name) {
        return new Version("r.io/m", Digest.of(name.getBytes(StandardCharsets.UTF_8)), name);
    }
}
