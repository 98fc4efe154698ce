package health.vantage.models.runner.node;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.preflight.PreflightReport;
import health.vantage.models.runner.store.Policies;
import health.vantage.models.runner.store.StoredModel;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Everything about the next version that can go wrong, done while the present one serves. */
final class Staging {
    private final NodeModel model;
    private final BooleanSupplier superseded;
    private final CachePruning pruning;

    Staging(NodeModel model, CachePruning pruning, BooleanSupplier superseded) {
        this.model = model;
        this.pruning = pruning;
        this.superseded = superseded;
    }

    /**
     * Pulls, verifies and tries the target; leaves it loaded beside the active version where memory holds both.
     *
     * @throws LoadFailure when the version is not fit to serve
     * @throws Superseded when it is not wanted any more
     */
    StoredModel stage(ModelInstruction wish) throws LoadFailure {
        Version target = NodeModel.version(wish.target());
        model.record(entry -> entry.withStaging(Optional.of(target)));
        model.report(
                Progress.of(wish.epoch(), State.Pulling).pulled(0, wish.target().sizeBytes()));
        StoredModel stored = pull(wish, target);
        model.report(State.Preflight);
        tryInChild(stored);
        if (wish.loadBeside()) {
            ServedVersion loaded = model.load(target, stored, superseded);
            model.slot().stage(loaded);
        }
        return stored;
    }

    private StoredModel pull(ModelInstruction wish, Version target) {
        try {
            return fetch(wish, target);
        } catch (DiskFull e) {
            pruning.makeRoom();
            return fetch(wish, target);
        }
    }

    private StoredModel fetch(ModelInstruction wish, Version target) {
        try {
            return model.parts()
                    .store()
                    .fetch(target.repository(), target.digest(), Policies.of(wish.verify()), (done, total) -> {
                        if (superseded.getAsBoolean()) {
                            throw new Superseded();
                        }
                        model.pulled(done, total);
                    });
        } catch (RuntimeException e) {
            // Thrown in a thread of the pull, ours may arrive in a wrapping.
            throw superseded.getAsBoolean() ? new Superseded() : e;
        }
    }

    private void tryInChild(StoredModel stored) throws LoadFailure {
        if (model.parts().serving().loader().ownProcess(stored.contract().format())) {
            // It is tried where it will serve: a second engine for the trial alone would take its memory twice.
            return;
        }
        try {
            PreflightReport report =
                    model.parts().preflight().check(stored, model.entry().device(), superseded);
            model.triedWith(stored.digest(), report.memoryMiB());
        } catch (LoadFailure e) {
            if (superseded.getAsBoolean()) {
                throw new Superseded();
            }
            throw e;
        }
    }
}
