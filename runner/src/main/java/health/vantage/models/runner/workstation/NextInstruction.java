package health.vantage.models.runner.workstation;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Ending;
import health.vantage.models.runner.journal.JournalEntry.Refused;
import health.vantage.models.runner.journal.JournalEntry.Version;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the node is told about one model, given what the registry answered and what the node remembers.
 *
 * @param told what it was told last by this process
 * @param soaked whether the target has answered as long as its soak lasts
 * @param asked whether the registry was asked since the last instruction: what failed for a reason outside the model is tried again then
 */
record NextInstruction(
        ModelWish wish,
        Answer answer,
        Verification verify,
        JournalEntry entry,
        Optional<ModelInstruction> told,
        boolean soaked,
        boolean asked) {
    /** These speak of the disk, the key or the registry; every other reason is the model's own and holds until the tag moves. */
    private static final Set<String> PASSING = Set.of(
            "DiskFull",
            "NoSignature",
            "SignatureInvalid",
            "NoAttestation",
            "AttestationInvalid",
            "KeyMissing",
            "RegistryUnavailable",
            "RegistryDenied");

    /** Empty when there is nothing new to say. */
    Optional<ModelInstruction> decide() {
        Digest target = answer.parsedDigest();
        Optional<Refused> refused = entry.refusal(target);
        if (refused.isPresent()) {
            boolean again = asked && PASSING.contains(refused.get().reason());
            return again ? Optional.of(instruction(entry.epoch() + 1, Step.Activate)) : Optional.empty();
        }
        boolean current = serves(entry.current(), target);
        if (current && entry.confirmed()) {
            return Optional.empty();
        }
        return Optional.of(instruction(epoch(target), current && soaked ? Step.Confirm : Step.Activate));
    }

    /** One epoch per attempt: a restart in the middle goes on with it. */
    private long epoch(Digest target) {
        Optional<Long> same = told.filter(last -> last.target().digest().equals(target.toString()))
                .map(ModelInstruction::epoch)
                .filter(epoch -> epoch >= entry.epoch());
        boolean begun =
                entry.ending() == Ending.OPEN && (serves(entry.current(), target) || serves(entry.staging(), target));
        return same.orElse(begun ? entry.epoch() : entry.epoch() + 1);
    }

    private static boolean serves(Optional<Version> version, Digest target) {
        return version.filter(one -> one.digest().equals(target)).isPresent();
    }

    private ModelInstruction instruction(long epoch, Step step) {
        return new ModelInstruction(
                wish.name(),
                null,
                epoch,
                step,
                new ArtifactRef(answer.repository(), answer.digest(), null, answer.version(), null, null),
                null,
                List.of(),
                verify,
                null,
                wish.loadBeside(),
                null,
                wish.maxErrorRate());
    }
}
