package health.vantage.models.runner.model;

import health.vantage.models.artifact.Digest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The place of one served name: the version that answers, and optionally the next one, loaded beside it. A swap is one reference
 * assignment: requests that hold the old version end on it, later ones get the new.
 */
public final class ModelSlot {
    private final String name;
    private final AtomicReference<ServedVersion> active = new AtomicReference<>();
    private final AtomicReference<ServedVersion> staged = new AtomicReference<>();
    private volatile String whyNot = "it has not been loaded yet";

    public ModelSlot(String name) {
        this.name = name;
    }

    /** The name clients ask for. */
    public String name() {
        return name;
    }

    /** The active version, held for the caller, who must release it. */
    public Optional<ServedVersion> hold() {
        ServedVersion version = active.get();
        while (version != null) {
            if (version.tryHold()) {
                return Optional.of(version);
            }
            // Swapped out and closed between the two reads: the new one is there already.
            version = active.get();
        }
        return Optional.empty();
    }

    /** For reports: may be swapped out at any moment, so its model must not be touched. */
    public Optional<ServedVersion> active() {
        return Optional.ofNullable(active.get());
    }

    /** Whether a version is active and answers now: the process of an engine may be down. */
    public boolean answers() {
        return active().filter(version -> version.trouble().isEmpty()).isPresent();
    }

    /** For reports, as {@link #active()}. */
    public Optional<ServedVersion> staged() {
        return Optional.ofNullable(staged.get());
    }

    /** Why nothing is active, for people who ask. */
    public String whyNot() {
        return whyNot;
    }

    public void whyNot(String reason) {
        this.whyNot = reason;
    }

    /** Holds {@code next} beside the active one; the slot takes over the caller's hold. */
    public void stage(ServedVersion next) {
        letGo(staged.getAndSet(next));
    }

    public void dropStaged() {
        letGo(staged.getAndSet(null));
    }

    /**
     * Makes the staged version active if it has this digest; its counters start anew.
     *
     * @param keepOld whether the old version stays loaded in its place, so that the way back is a swap too
     * @return {@code false} when nothing like it is staged
     */
    public boolean swapStaged(Digest digest, boolean keepOld) {
        ServedVersion next = staged.get();
        if (next == null || !next.digest().equals(digest) || !staged.compareAndSet(next, null)) {
            return false;
        }
        next.restartCounters();
        ServedVersion old = active.getAndSet(next);
        if (keepOld && old != null) {
            stage(old);
        } else {
            letGo(old);
        }
        return true;
    }

    /** Makes {@code next} active; the slot takes over the caller's hold. */
    public void activate(ServedVersion next) {
        letGo(active.getAndSet(next));
    }

    /** Serves nothing from now on, and says why. */
    public void deactivate(String reason) {
        whyNot = reason;
        letGo(active.getAndSet(null));
    }

    /** Lets both versions go; they close when their last request ends. */
    public void close(String reason) {
        dropStaged();
        deactivate(reason);
    }

    private static void letGo(ServedVersion version) {
        if (version != null) {
            version.release();
        }
    }
}
