package health.vantage.models.runner.model;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.backend.LoadedModel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One loaded version, held by its slot and by every request that runs on it; the last to let go closes it. Closing a native session
 * during a run takes the process down, so nobody else may.
 */
public final class ServedVersion {
    private final Digest digest;
    private final ModelContract contract;
    private final LoadedModel model;
    private volatile Optional<Long> measuredMiB = Optional.empty();
    private volatile long grownMiB;
    private volatile VersionCounters counters = new VersionCounters();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger holders = new AtomicInteger(1);
    private final AtomicInteger hanging = new AtomicInteger();

    /** The creator is the first holder. */
    public ServedVersion(Digest digest, ModelContract contract, LoadedModel model) {
        this.digest = digest;
        this.contract = contract;
        this.model = model;
        if (model instanceof ExternalModel external) {
            external.watch(new Faults());
        }
    }

    /** A process that dies counts against its version even when nobody asked it anything. */
    private final class Faults implements ExternalModel.Watcher {
        @Override
        public void failed(String why) {
            counters.failed();
        }

        @Override
        public void changed() {}
    }

    /** Why it does not answer at the moment although it is loaded; empty when it does. */
    public Optional<String> trouble() {
        return model instanceof ExternalModel external ? external.trouble() : Optional.empty();
    }

    /** What it says it needs and what it takes; of a process of its own as of now. */
    public ModelMemory memory() {
        Optional<Long> measured = model instanceof ExternalModel external
                ? Optional.of(external.reading().memoryMiB()).filter(taken -> taken > 0)
                : measuredMiB.map(taken -> taken + grownMiB);
        return new ModelMemory(contract.memoryMiB(), measured);
    }

    /** Notes what it was seen to take on its device when it was loaded. */
    public void measured(long memoryMiB) {
        measuredMiB = Optional.of(memoryMiB);
    }

    /** Notes what it was seen to take beyond that since. */
    public void grown(long memoryMiB) {
        grownMiB = memoryMiB;
    }

    /** Whether it runs in a process of its own. */
    public boolean ownProcess() {
        return model instanceof ExternalModel;
    }

    public Digest digest() {
        return digest;
    }

    public ModelContract contract() {
        return contract;
    }

    /** Runs that nobody waits for and that do not stop. */
    public int hanging() {
        return hanging.get();
    }

    public void hangs(int more) {
        hanging.addAndGet(more);
    }

    /** Only for holders. */
    public LoadedModel model() {
        return model;
    }

    /** Since it became active. */
    public VersionCounters counters() {
        return counters;
    }

    void restartCounters() {
        counters = new VersionCounters();
    }

    /** Becomes a holder; {@code false} when the last one has already let go. */
    public boolean tryHold() {
        int seen = holders.get();
        while (seen > 0) {
            if (holders.compareAndSet(seen, seen + 1)) {
                return true;
            }
            seen = holders.get();
        }
        return false;
    }

    /** Lets go where that closes nothing; {@code false} when the caller is the last holder, and still is one. */
    public boolean releaseUnlessLast() {
        int seen = holders.get();
        while (seen > 1) {
            if (holders.compareAndSet(seen, seen - 1)) {
                return true;
            }
            seen = holders.get();
        }
        return false;
    }

    /** Lets go; of the last holder it takes as long as freeing a model does. */
    public void release() {
        int left = holders.decrementAndGet();
        if (left == 0) {
            try {
                model.close();
            } finally {
                closed.countDown();
            }
        }
        if (left < 0) {
            throw new IllegalStateException(this + " was released more often than held");
        }
    }

    /** Waits until the last holder has let go and its memory is free; {@code false} when the time is over first. */
    public boolean awaitClosed(Duration atMost) throws InterruptedException {
        return closed.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public String toString() {
        return contract.name() + " " + contract.version() + " (" + digest.shortHex() + ")";
    }
}
