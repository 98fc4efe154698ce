package health.vantage.models.runner.journal;

import health.vantage.models.artifact.Digest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Consumer;

/**
 * What the node remembers of one model.
 *
 * @param epoch the highest one seen; instructions of older ones are ignored
 * @param deployment the UID of the ModelDeployment that the epochs are counted by; empty without Kubernetes
 * @param ending how this node ended the epoch, after which a late instruction of it must not undo that
 * @param current what answers requests
 * @param confirmed whether {@code current} has passed its soak
 * @param lastGood what an abort or a failing soak returns to
 * @param previous served before {@code current}, newest first
 * @param staging on its way to this node; kept here so that nobody prunes it
 * @param loading set while native code reads a model in this process: found at start, that model killed the process
 * @param refused digests that failed on this node, with the epoch in which they did
 * @param deaths how often in a row the process died while {@code current} was unconfirmed, or while a good version was loaded
 * @param maxErrorRate the share of failed requests (0..1) at which an unconfirmed version goes back
 * @param device the GPU that its versions are loaded on, counted along the bus; 0 where there is none
 */
public record JournalEntry(
        String model,
        long epoch,
        String deployment,
        Ending ending,
        Optional<Version> current,
        boolean confirmed,
        Optional<Version> lastGood,
        List<Version> previous,
        Optional<Version> staging,
        Optional<Version> loading,
        List<Refused> refused,
        int deaths,
        double maxErrorRate,
        int device) {
    private static final int MAX_PREVIOUS = 10;
    private static final int MAX_REFUSED = 10;

    public JournalEntry {
        deployment = deployment == null ? "" : deployment;
        ending = ending == null ? Ending.OPEN : ending;
        previous = previous == null ? List.of() : List.copyOf(previous);
        refused = refused == null ? List.of() : List.copyOf(refused);
        current = current == null ? Optional.empty() : current;
        lastGood = lastGood == null ? Optional.empty() : lastGood;
        staging = staging == null ? Optional.empty() : staging;
        loading = loading == null ? Optional.empty() : loading;
    }

    /** @param repository where the digest can be pulled again */
    public record Version(String repository, Digest digest, String version) {
        /** The digest alone: where it came from and what it is called may be told differently next time. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Version version && version.digest.equals(digest);
        }

        @Override
        public int hashCode() {
            return digest.hashCode();
        }
    }

    /** What an epoch came to on this node. */
    public enum Ending {
        OPEN,
        CONFIRMED,
        ABORTED
    }

    /** @param reason CamelCase; @param message a sentence */
    public record Refused(Digest digest, long epoch, String reason, String message) {}

    public static JournalEntry empty(String model) {
        return new JournalEntry(
                model,
                0,
                "",
                Ending.OPEN,
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                0,
                0.01,
                0);
    }

    /** A new attempt: what failed in an older one may be tried again, because a person or a moved tag asked for it. */
    public JournalEntry atEpoch(long next, String owner, Digest target) {
        List<Refused> still = refused.stream()
                .filter(one -> !one.digest().equals(target) || deployment.equals(owner) && one.epoch() >= next)
                .toList();
        return but(now -> {
            now.epoch = next;
            now.deployment = owner;
            now.ending = Ending.OPEN;
            now.refused = still;
            now.deaths = 0;
        });
    }

    /** On the disk before it is carried out: a restart in between must not forget it. */
    public JournalEntry aborted(Optional<Version> goal) {
        return but(now -> {
            now.ending = Ending.ABORTED;
            now.lastGood = goal;
            now.staging = Optional.empty();
        });
    }

    public JournalEntry withLimits(double errorRate) {
        return but(now -> now.maxErrorRate = errorRate);
    }

    public JournalEntry onDevice(int index) {
        return but(now -> now.device = index);
    }

    public JournalEntry withStaging(Optional<Version> version) {
        return but(now -> now.staging = version);
    }

    public JournalEntry withLoading(Optional<Version> version) {
        return but(now -> now.loading = version);
    }

    public JournalEntry withLastGood(Optional<Version> version) {
        return but(now -> now.lastGood = version);
    }

    public JournalEntry withDeath() {
        return but(now -> now.deaths++);
    }

    public JournalEntry withoutDeaths() {
        return but(now -> now.deaths = 0);
    }

    public JournalEntry withRefused(Refused one) {
        List<Refused> all = new ArrayList<>(refused.stream()
                .filter(known -> !known.digest().equals(one.digest()))
                .toList());
        all.addFirst(one);
        return but(now -> now.refused = all.subList(0, Math.min(all.size(), MAX_REFUSED)));
    }

    /** {@code version} answers now, not confirmed yet; what answered before is remembered. */
    public JournalEntry activated(Version version) {
        return serving(Optional.of(version), false);
    }

    /** Back on a version that is known to be good, or on nothing. */
    public JournalEntry reverted(Optional<Version> version) {
        return serving(version, version.isPresent());
    }

    private JournalEntry serving(Optional<Version> version, boolean good) {
        SequencedSet<Version> before = new LinkedHashSet<>();
        current.ifPresent(before::add);
        before.addAll(previous);
        version.ifPresent(before::remove);
        return but(now -> {
            now.current = version;
            now.confirmed = good;
            now.previous = before.stream().limit(MAX_PREVIOUS).toList();
            now.staging = Optional.empty();
            now.deaths = 0;
        });
    }

    /** The current version passed its soak; older ones beyond {@code history} are forgotten. */
    public JournalEntry confirmedNow(int history) {
        return but(now -> {
            now.ending = Ending.CONFIRMED;
            now.confirmed = true;
            now.lastGood = current;
            now.previous = previous.stream().limit(Math.max(2, history)).toList();
            now.deaths = 0;
        });
    }

    private JournalEntry but(Consumer<Change> change) {
        Change now = new Change(this);
        change.accept(now);
        return now.made();
    }

    /** The next entry while it is made: whatever is not set stays. */
    private static final class Change {
        private final String model;
        private long epoch;
        private String deployment;
        private Ending ending;
        private Optional<Version> current;
        private boolean confirmed;
        private Optional<Version> lastGood;
        private List<Version> previous;
        private Optional<Version> staging;
        private Optional<Version> loading;
        private List<Refused> refused;
        private int deaths;
        private double maxErrorRate;
        private int device;

        Change(JournalEntry old) {
            model = old.model;
            epoch = old.epoch;
            deployment = old.deployment;
            ending = old.ending;
            current = old.current;
            confirmed = old.confirmed;
            lastGood = old.lastGood;
            previous = old.previous;
            staging = old.staging;
            loading = old.loading;
            refused = old.refused;
            deaths = old.deaths;
            maxErrorRate = old.maxErrorRate;
            device = old.device;
        }

        JournalEntry made() {
            return new JournalEntry(
                    model,
                    epoch,
                    deployment,
                    ending,
                    current,
                    confirmed,
                    lastGood,
                    previous,
                    staging,
                    loading,
                    refused,
                    deaths,
                    maxErrorRate,
                    device);
        }
    }

    public Optional<Refused> refusal(Digest digest) {
        return refused.stream().filter(one -> one.digest().equals(digest)).findFirst();
    }

    /** Every version that must stay on the disk. */
    public SequencedSet<Version> wanted() {
        SequencedSet<Version> all = new LinkedHashSet<>();
        current.ifPresent(all::add);
        lastGood.ifPresent(all::add);
        all.addAll(previous);
        staging.ifPresent(all::add);
        return all;
    }

    /** What to serve after a start, best first: never a digest that failed here, nor one that an abort was about to take away. */
    public List<Version> candidates() {
        SequencedSet<Version> all = new LinkedHashSet<>();
        current.filter(_ -> confirmed || ending != Ending.ABORTED).ifPresent(all::add);
        lastGood.ifPresent(all::add);
        all.addAll(previous);
        return all.stream()
                .filter(version -> refusal(version.digest()).isEmpty())
                .toList();
    }
}
