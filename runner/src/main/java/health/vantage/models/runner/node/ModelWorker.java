package health.vantage.models.runner.node;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Ending;
import health.vantage.models.runner.journal.JournalEntry.Refused;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.load.LoadFailure;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the instructions for one model, one at a time, always the latest; on a thread of its own, so that a slow pull holds up nobody else. */
final class ModelWorker {
    private static final Logger LOG = LoggerFactory.getLogger(ModelWorker.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final NodeModel model;
    private final Mailbox mailbox = new Mailbox();
    private final SoakGuard guard;
    private final CachePruning pruning;
    private final Thread thread;
    private Optional<Digest> fit = Optional.empty();
    private boolean beside;
    private Runnable first = () -> {};

    ModelWorker(NodeModel model, SoakGuard guard, CachePruning pruning) {
        this.model = model;
        this.guard = guard;
        this.pruning = pruning;
        this.thread = Thread.ofPlatform().name("node-" + model.name()).daemon().unstarted(this::work);
    }

    NodeModel model() {
        return model;
    }

    void start() {
        thread.start();
    }

    /** Does something else first, which holds up nobody but this model. */
    void start(Runnable before) {
        first = before;
        thread.start();
    }

    /** The latest wish; the same again changes nothing. */
    void instruct(ModelInstruction wish) {
        mailbox.put(wish);
    }

    /** Whether everything it was told is dealt with. */
    boolean idle() {
        return mailbox.idle();
    }

    /** Ends the thread after what it is doing now; what serves keeps serving. */
    void stop() throws InterruptedException {
        model.stop();
        mailbox.close();
        thread.join();
    }

    private void work() {
        try {
            first.run();
        } catch (Superseded e) {
            LOG.info("model {}: the runner stops before it served again", model.name());
        } catch (RuntimeException e) {
            LOG.error("model {}: what the journal says could not be restored", model.name(), e);
            model.report(State.Failed, "InternalError", "the runner failed: " + e);
        }
        while (!mailbox.closed()) {
            try {
                Optional<ModelInstruction> wish = mailbox.take(LOOK);
                if (wish.isPresent()) {
                    attempt(wish.get());
                }
                soak();
                model.writeDown();
            } catch (InterruptedException e) {
                return;
            } catch (Superseded e) {
                LOG.info("model {}: given up, the runner stops", model.name());
            } catch (RuntimeException e) {
                // A full disk under the journal, a fault of ours: the model that serves must go on serving.
                LOG.error("model {}: an instruction could not be carried out", model.name(), e);
                model.report(State.Failed, "InternalError", "the runner failed: " + e);
                mailbox.retryLater();
            }
        }
    }

    private void attempt(ModelInstruction wish) {
        try {
            pursue(wish);
        } catch (Superseded e) {
            LOG.info("model {}: epoch {} {} is not wanted any more", model.name(), wish.epoch(), wish.step());
        } catch (LoadFailure e) {
            fail(wish, e.reason(), e.getMessage());
        } catch (ArtifactException e) {
            if (e.transientFailure()) {
                LOG.warn("model {}: {}; trying again", model.name(), e.getMessage());
                model.report(Progress.of(wish.epoch(), State.Pulling, e.reason(), e.getMessage()));
                mailbox.retryLater();
            } else {
                fail(wish, e.reason(), e.getMessage());
            }
        }
    }

    private void fail(ModelInstruction wish, String reason, String message) {
        LOG.error("model {}: epoch {} {}: {}: {}", model.name(), wish.epoch(), wish.step(), reason, message);
        fit = Optional.empty();
        model.slot().dropStaged();
        Digest target = Digest.parse(wish.target().digest());
        model.recordOrRemember(entry -> entry.withRefused(new Refused(target, wish.epoch(), reason, message)));
        model.report(State.Failed, reason, message);
    }

    private void pursue(ModelInstruction wish) throws LoadFailure {
        Optional<String> fenced = Fence.against(model.entry(), wish, NodeModel.version(wish.target()), model::serves);
        if (fenced.isPresent()) {
            LOG.info("model {}: epoch {} {} is ignored: {}", model.name(), wish.epoch(), wish.step(), fenced.get());
            return;
        }
        Version target = NodeModel.version(wish.target());
        beside = wish.loadBeside();
        accept(wish, target);
        if (wish.step() == Step.Abort) {
            abort(wish, target);
            return;
        }
        Optional<Refused> refused = model.entry().refusal(target.digest());
        if (refused.isPresent()) {
            // Said before, also in an earlier life of this process; the same instruction must not try it again.
            State state =
                    model.entry().current().isPresent() && model.progress().state() == State.Reverted
                            ? State.Reverted
                            : State.Failed;
            model.report(state, refused.get().reason(), refused.get().message());
            return;
        }
        if (wish.quarantined().contains(wish.target().digest())) {
            throw new LoadFailure("Quarantined", target.digest() + " is quarantined; it is not activated on any node");
        }
        switch (wish.step()) {
            case Stage -> stage(wish, target);
            case Activate -> activate(wish, target);
            case Confirm -> confirm(wish, target);
            case Abort -> throw new IllegalStateException("handled above");
        }
    }

    private void accept(ModelInstruction wish, Version target) {
        String owner = Fence.owner(wish);
        JournalEntry known = model.entry();
        boolean newer = wish.epoch() > known.epoch() || !owner.equals(known.deployment());
        if (newer || wish.maxErrorRate() != known.maxErrorRate() || wish.device() != known.device()) {
            model.recordOrRemember(entry -> (newer ? entry.atEpoch(wish.epoch(), owner, target.digest()) : entry)
                    .withLimits(wish.maxErrorRate())
                    .onDevice(wish.device()));
        }
        Optional<Version> lastGood = wish.returnTo().map(NodeModel::version);
        if (lastGood.isPresent() && !lastGood.equals(model.entry().lastGood())) {
            model.recordOrRemember(entry -> entry.withLastGood(lastGood));
        }
    }

    private void stage(ModelInstruction wish, Version target) throws LoadFailure {
        prepare(wish, target);
        model.report(State.Staged);
    }

    /** Nothing to do for what serves, or what this process has tried and found fit. */
    private void prepare(ModelInstruction wish, Version target) throws LoadFailure {
        if (model.serves(target.digest()) || fit.filter(target.digest()::equals).isPresent()) {
            return;
        }
        fit = Optional.empty();
        model.slot().dropStaged();
        new Staging(model, pruning, mailbox::superseded).stage(wish);
        fit = Optional.of(target.digest());
    }

    private void activate(ModelInstruction wish, Version target) throws LoadFailure {
        if (!model.serves(target.digest())) {
            prepare(wish, target);
            model.report(State.Activating);
            new Activation(model, wish.loadBeside(), mailbox::superseded)
                    .activate(target, () -> model.parts().store().verified(target.digest()));
        }
        if (!model.entry().current().equals(Optional.of(target))) {
            model.record(entry -> entry.activated(target));
        }
        model.report(State.Active);
    }

    private void confirm(ModelInstruction wish, Version target) throws LoadFailure {
        boolean already = model.entry().ending() == Ending.CONFIRMED && model.serves(target.digest());
        if (!already) {
            activate(wish, target);
            model.record(entry -> entry.confirmedNow(wish.historyLimit()));
            model.slot().dropStaged();
            pruning.prune();
        }
        model.report(State.Confirmed);
    }

    private void abort(ModelInstruction wish, Version target) {
        fit = Optional.empty();
        Optional<Version> goal = wish.returnTo().map(NodeModel::version);
        model.recordOrRemember(entry -> entry.aborted(goal));
        Optional<Refused> why = model.entry().refusal(target.digest());
        new Reversion(model, wish.verify(), wish.loadBeside())
                .revert(
                        goal,
                        why.map(Refused::reason).orElse(""),
                        why.map(Refused::message).orElse(""));
    }

    private void soak() {
        if (model.entry().confirmed() || model.entry().current().isEmpty()) {
            return;
        }
        Version current = model.entry().current().get();
        model.slot()
                .active()
                .filter(version -> version.digest().equals(current.digest()))
                .flatMap(version -> guard.verdict(
                        version,
                        model.entry().maxErrorRate(),
                        model.parts().clock().instant()))
                .ifPresent(message -> {
                    model.recordOrRemember(entry ->
                            entry.withRefused(new Refused(current.digest(), entry.epoch(), "SoakFailed", message)));
                    new Reversion(model, Verification.NONE, beside)
                            .revert(model.entry().lastGood(), "SoakFailed", message);
                });
    }
}
