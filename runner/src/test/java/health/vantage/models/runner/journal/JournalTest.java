package health.vantage.models.runner.journal;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.JournalEntry.Refused;
import health.vantage.models.runner.journal.JournalEntry.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
    private static final Version ONE = version("1.0.0");
    private static final Version TWO = version("2.0.0");
    private static final Version THREE = version("3.0.0");

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsReadByTheNextProcess() {
        JournalEntry entry = JournalEntry.empty("retina-seg")
                .atEpoch(7, "uid", TWO.digest())
                .activated(ONE)
                .confirmedNow(3)
                .activated(TWO)
                .withLoading(Optional.of(THREE))
                .withRefused(new Refused(THREE.digest(), 6, "CrashedOnLoad", "it died"));
        Journal.open(folder).put(entry);

        assertThat(Journal.open(folder).find("retina-seg")).contains(entry);
    }

    @Test
    void aFileThatCannotBeReadIsSetAsideAndTheOthersCount() throws Exception {
        Journal journal = Journal.open(folder);
        journal.put(JournalEntry.empty("good"));
        Files.writeString(folder.resolve("torn.json"), "{\"model\":\"torn\",\"epo");
        Files.writeString(folder.resolve("other.json"), "{\"model\":\"somebody-else\"}");

        Journal again = Journal.open(folder);

        assertThat(again.all()).extracting(JournalEntry::model).containsExactly("good");
        assertThat(folder.resolve("torn.json.unreadable")).exists();
        assertThat(folder.resolve("other.json.unreadable")).exists();
    }

    @Test
    void aFileTornAtAnyByteOrZeroedFromThereIsReplacedByItsCopy() throws Exception {
        JournalEntry entry = JournalEntry.empty("retina-seg").activated(ONE).confirmedNow(3);
        Journal.open(folder).put(entry);
        Path file = folder.resolve("retina-seg.json");
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(Journal.open(folder).find("retina-seg"))
                    .as("torn at %d", length)
                    .contains(entry);
            assertThat(file).as("mended").hasBinaryContent(whole);
        }
        for (int length = 0; length < whole.length; length += 16) {
            Files.write(file, Arrays.copyOf(Arrays.copyOf(whole, length), whole.length));
            assertThat(Journal.open(folder).find("retina-seg"))
                    .as("zeroed from %d", length)
                    .contains(entry);
        }
    }

    @Test
    void aWriteCutAtAnyByteLeavesTheEntryBeforeIt() throws Exception {
        JournalEntry before = JournalEntry.empty("retina-seg").activated(ONE).confirmedNow(3);
        Journal.open(folder).put(before.activated(TWO));
        byte[] after = Files.readAllBytes(folder.resolve("retina-seg.json"));
        Journal.open(folder).put(before);

        for (int length = 0; length <= after.length; length++) {
            // What the file is written under until it is whole and renamed.
            Files.write(folder.resolve("retina-seg.json.next"), Arrays.copyOf(after, length));
            assertThat(Journal.open(folder).find("retina-seg"))
                    .as("cut at %d", length)
                    .contains(before);
        }
    }

    @Test
    void whereTheCopyIsDamagedAsWellTheOthersServe() throws Exception {
        Journal journal = Journal.open(folder);
        journal.put(JournalEntry.empty("good"));
        journal.put(JournalEntry.empty("lost"));
        Files.write(folder.resolve("lost.json"), new byte[0]);
        Files.write(folder.resolve("lost.json.copy"), new byte[100]);

        assertThat(Journal.open(folder).all()).extracting(JournalEntry::model).containsExactly("good");
    }

    @Test
    void aModelThatWasForgottenDoesNotComeBackFromItsCopy() throws Exception {
        Journal journal = Journal.open(folder);
        journal.put(JournalEntry.empty("gone"));

        journal.remove("gone");

        assertThat(Journal.open(folder).all()).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theOneThatServedComesFirstThenLastGoodThenOlderOnesAndNeverARefusedOne() {
        JournalEntry entry = JournalEntry.empty("m")
                .activated(ONE)
                .confirmedNow(3)
                .activated(TWO)
                .confirmedNow(3)
                .activated(THREE);

        assertThat(entry.candidates()).containsExactly(THREE, TWO, ONE);
        assertThat(entry.withRefused(new Refused(THREE.digest(), 1, "SoakFailed", ""))
                        .candidates())
                .containsExactly(TWO, ONE);
    }

    @Test
    void aNewEpochClearsTheRefusalOfItsTargetAndOfNothingElse() {
        JournalEntry entry = JournalEntry.empty("m")
                .withRefused(new Refused(TWO.digest(), 4, "PreflightFailed", ""))
                .withRefused(new Refused(THREE.digest(), 4, "PreflightFailed", ""));

        JournalEntry next = entry.atEpoch(5, "uid", TWO.digest());

        assertThat(next.refusal(TWO.digest())).isEmpty();
        assertThat(next.refusal(THREE.digest())).isPresent();
    }

    private static Version version(String version) {
        return new Version(
                "oci:/models/m", Digest.of(version.getBytes(java.nio.charset.StandardCharsets.UTF_8)), version);
    }
}
