package health.vantage.models.runner.node;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Ending;
import health.vantage.models.runner.journal.JournalEntry.Refused;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.store.StoredModel;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a starting process serves: what the journal says, without asking anybody. */
final class Restoration {
    /** One death may be a power cut; two while the same unconfirmed version served is the version. */
    private static final int DEATHS = 2;

    private static final int DEATHS_OF_A_GOOD_ONE = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

    private final NodeModel model;

    Restoration(NodeModel model) {
        this.model = model;
    }

    /** Whether what it serves first is an engine of its own, which may take minutes to start. */
    boolean takesLong() {
        return model.entry().candidates().stream()
                .findFirst()
                .flatMap(version -> model.parts().store().format(version.digest()))
                .filter(format -> model.parts().serving().loader().ownProcess(format))
                .isPresent();
    }

    /** @param lastOneDied whether the process before this one ended without a goodbye */
    void restore(boolean lastOneDied) {
        judgeTheDead(lastOneDied);
        JournalEntry entry = model.entry();
        if (entry.current().isEmpty() && entry.lastGood().isEmpty()) {
            model.slot().whyNot("no version of it has been activated on this node yet");
            tellRefusal(entry.staging(), State.Failed);
            return;
        }
        List<String> failures = new ArrayList<>();
        for (Version candidate : entry.candidates()) {
            try {
                model.slot().activate(model.load(candidate, files(candidate), model::stopping));
                model.announce();
                settle(entry, candidate, failures);
                return;
            } catch (LoadFailure | ArtifactException | UncheckedIOException e) {
                LOG.error("model {}: {} cannot be served: {}", model.name(), candidate.digest(), e.getMessage());
                failures.add(candidate.version() + ": " + e.getMessage());
            }
        }
        entry.refused().forEach(refused -> failures.add(refused.message()));
        model.slot().whyNot("no version on this node can be served: " + failures);
        model.announce();
        model.report(State.Failed, reason(entry).orElse("NothingServed"), "nothing serves: " + failures);
    }

    private void judgeTheDead(boolean lastOneDied) {
        Optional<Version> culprit = model.entry().loading();
        culprit.ifPresent(this::judgeTheCulprit);
        if (lastOneDied && !model.entry().confirmed() && culprit.isEmpty()) {
            model.entry().current().ifPresent(suspect -> {
                model.recordOrRemember(JournalEntry::withDeath);
                if (model.entry().deaths() >= DEATHS) {
                    refuse(
                            suspect,
                            "SoakFailed",
                            "the runner's process died " + DEATHS + " times while " + name(suspect)
                                    + " served and was not confirmed yet");
                }
            });
        }
        if (culprit.isPresent()) {
            model.recordOrRemember(old -> old.withLoading(Optional.empty()));
        }
    }

    /** A version that was good on this node is not condemned by one power cut in the wrong second; an unproven one is. */
    private void judgeTheCulprit(Version culprit) {
        JournalEntry entry = model.entry();
        boolean proven = entry.lastGood().filter(culprit::equals).isPresent();
        if (proven && entry.deaths() + 1 < DEATHS_OF_A_GOOD_ONE) {
            LOG.warn(
                    "model {}: the process died while it loaded {}, which was good before; trying again",
                    model.name(),
                    name(culprit));
            model.recordOrRemember(JournalEntry::withDeath);
            return;
        }
        refuse(culprit, "CrashedOnLoad", "the runner's process died while it loaded " + name(culprit));
    }

    private void refuse(Version version, String reason, String message) {
        LOG.error("model {}: {}; it is not loaded again", model.name(), message);
        model.recordOrRemember(old -> old.withRefused(new Refused(version.digest(), old.epoch(), reason, message)));
    }

    private StoredModel files(Version version) {
        try {
            return model.parts().store().verified(version.digest());
        } catch (ArtifactException.IntegrityMismatch | ArtifactException.DigestNotFound e) {
            LOG.warn(
                    "model {}: {} on the disk is not whole, asking its registry: {}",
                    model.name(),
                    version.digest(),
                    e.getMessage());
            // Its signature was checked when it came; the digest is the same or nothing is taken.
            return model.parts()
                    .store()
                    .fetch(version.repository(), version.digest(), TrustPolicy.NONE, PullListener.NONE);
        }
    }

    private void settle(JournalEntry before, Version serving, List<String> failures) {
        if (before.current().filter(serving::equals).isPresent()) {
            if (before.confirmed() && before.deaths() > 0) {
                model.recordOrRemember(JournalEntry::withoutDeaths);
            }
            if (!tellRefusal(before.staging(), State.Failed)) {
                model.report(before.confirmed() ? State.Confirmed : State.Active);
            }
            return;
        }
        Optional<Version> wanted = before.current();
        model.recordOrRemember(old -> old.reverted(Optional.of(serving)));
        String message = "serving " + name(serving) + " instead of "
                + wanted.map(Restoration::name).orElse("nothing") + ": "
                + wanted.flatMap(version -> before.refusal(version.digest()))
                        .map(Refused::message)
                        .orElseGet(() -> String.join("; ", failures));
        String otherwise = before.ending() == Ending.ABORTED ? "" : "IntegrityMismatch";
        model.report(State.Reverted, reason(before).orElse(otherwise), message);
    }

    private boolean tellRefusal(Optional<Version> version, State state) {
        Optional<Refused> refused = version.flatMap(staged -> model.entry().refusal(staged.digest()));
        refused.ifPresent(one -> model.report(state, one.reason(), one.message()));
        return refused.isPresent();
    }

    private static Optional<String> reason(JournalEntry entry) {
        return entry.current()
                .flatMap(version -> entry.refusal(version.digest()))
                .map(Refused::reason);
    }

    private static String name(Version version) {
        return version.version() + " (" + version.digest().shortHex() + ")";
    }
}
