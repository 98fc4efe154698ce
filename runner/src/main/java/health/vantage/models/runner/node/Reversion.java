package health.vantage.models.runner.node;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.store.Policies;
import health.vantage.models.runner.store.StoredModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Back to a version that was good, from the node's own disk; the registry is asked only for what the disk has lost. */
final class Reversion {
    private static final Logger LOG = LoggerFactory.getLogger(Reversion.class);

    private final NodeModel model;
    private final Verification verify;
    private final boolean beside;

    /** @param beside whether memory holds two versions at once */
    Reversion(NodeModel model, Verification verify, boolean beside) {
        this.model = model;
        this.verify = verify;
        this.beside = beside;
    }

    /**
     * @param goal empty where no version was ever good: nothing serves afterwards
     * @param reason CamelCase, why it goes back; empty when it was told to
     */
    void revert(Optional<Version> goal, String reason, String message) {
        model.report(State.Reverting, reason, message);
        if (goal.isEmpty()) {
            model.slot().close("its version was turned back and there is no earlier one");
            model.recordOrRemember(entry -> entry.reverted(Optional.empty()));
            model.announce();
            model.report(State.Reverted, reason, message);
            return;
        }
        List<String> failures = new ArrayList<>();
        for (Version candidate : candidates(goal.get())) {
            try {
                new Activation(model, beside, model::stopping).activate(candidate, () -> files(candidate));
                model.slot().dropStaged();
                model.recordOrRemember(entry -> entry.reverted(Optional.of(candidate)));
                LOG.warn("model {}: back on {} {}", model.name(), candidate.digest(), message);
                boolean asTold = candidate.equals(goal.get());
                model.report(
                        asTold ? State.Reverted : State.Failed,
                        asTold ? reason : "LastGoodFailed",
                        asTold ? message : "serving " + candidate.version() + " instead of last good: " + failures);
                return;
            } catch (LoadFailure | ArtifactException e) {
                failures.add(candidate.version() + " (" + candidate.digest().shortHex() + "): " + e.getMessage());
            }
        }
        // Nothing that was good is left. What was turned back must not answer: a wrong picture is worse than none.
        model.slot().close("no good version could be loaded: " + failures);
        model.recordOrRemember(entry -> entry.reverted(Optional.empty()));
        model.announce();
        model.report(State.Failed, "LastGoodFailed", "nothing serves: " + failures);
    }

    private List<Version> candidates(Version goal) {
        List<Version> all = new ArrayList<>(List.of(goal));
        model.entry().previous().stream()
                .filter(version -> !version.equals(goal)
                        && model.entry().refusal(version.digest()).isEmpty())
                .forEach(all::add);
        return all;
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
            return model.parts()
                    .store()
                    .fetch(version.repository(), version.digest(), Policies.of(verify), PullListener.NONE);
        }
    }
}
