package health.vantage.models.runner.node;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.store.StoredModel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a version into the slot: by a swap where it is loaded already or memory holds two, else by unloading the old one first. */
final class Activation {
    private static final Logger LOG = LoggerFactory.getLogger(Activation.class);

    /** Requests that began before; an engine bounds its own. */
    private static final Duration MOST_FOR_REQUESTS = Duration.ofMinutes(2);

    private final NodeModel model;
    private final boolean beside;
    private final BooleanSupplier unwanted;

    /**
     * @param beside whether memory holds the old and the new version at once
     * @param unwanted gives up loading
     */
    Activation(NodeModel model, boolean beside, BooleanSupplier unwanted) {
        this.model = model;
        this.beside = beside;
        this.unwanted = unwanted;
    }

    /**
     * Makes {@code version} answer. Where two fit, the old one stays loaded behind it, so that the way back is a swap as well.
     *
     * @throws LoadFailure when it cannot be loaded; what served before serves again then
     */
    void activate(Version version, Supplier<StoredModel> files) throws LoadFailure {
        ModelSlot slot = model.slot();
        if (model.serves(version.digest())) {
            return;
        }
        if (slot.swapStaged(version.digest(), beside)) {
            LOG.info("model {}: {} serves", model.name(), version.digest());
            model.announce();
            return;
        }
        if (beside) {
            slot.stage(model.load(version, files.get(), unwanted));
            slot.swapStaged(version.digest(), true);
        } else {
            replace(version, files);
        }
        LOG.info("model {}: {} serves", model.name(), version.digest());
        model.announce();
    }

    private void replace(Version version, Supplier<StoredModel> files) throws LoadFailure {
        ModelSlot slot = model.slot();
        Optional<ServedVersion> old = slot.active();
        Optional<ServedVersion> staged = slot.staged();
        StoredModel stored = files.get();
        slot.close("version " + version.version() + " is being loaded, and memory holds one version at a time");
        model.announce();
        awaitClosed(staged);
        awaitClosed(old);
        try {
            slot.activate(model.load(version, stored, unwanted));
        } catch (LoadFailure | Superseded e) {
            old.filter(_ -> !model.stopping()).ifPresent(one -> loadAgain(one.digest(), e));
            throw e;
        }
    }

    /** Memory holds one: the old one's must be free before the new one takes its own. */
    private void awaitClosed(Optional<ServedVersion> gone) {
        try {
            if (gone.isPresent() && !gone.get().awaitClosed(MOST_FOR_REQUESTS)) {
                LOG.warn(
                        "model {}: requests hold {} for too long, its memory is not free yet",
                        model.name(),
                        gone.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Superseded();
        }
    }

    private void loadAgain(Digest digest, Exception cause) {
        model.entry().wanted().stream()
                .filter(known -> known.digest().equals(digest))
                .findFirst()
                .ifPresent(known -> {
                    try {
                        model.slot()
                                .activate(
                                        model.load(known, model.parts().store().verified(digest), model::stopping));
                        model.announce();
                    } catch (LoadFailure | RuntimeException e) {
                        cause.addSuppressed(e);
                        model.slot().whyNot("neither the new version nor the old one can be loaded: " + e.getMessage());
                    }
                });
    }
}
