package health.vantage.models.runner.node;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.store.ModelStore;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Frees the disk of versions that no model of this node can return to. */
final class CachePruning {
    private static final Logger LOG = LoggerFactory.getLogger(CachePruning.class);

    private final Journal journal;
    private final ModelStore store;

    CachePruning(Journal journal, ModelStore store) {
        this.journal = journal;
        this.store = store;
    }

    /** What is being pulled is in the journal before its first byte arrives, so it stays. */
    synchronized void prune() {
        run(store::prune);
    }

    /** Also what the cache would keep to spare: a version that is wanted finds no room. */
    synchronized void makeRoom() {
        run(store::makeRoom);
    }

    private void run(Consumer<Set<Digest>> removal) {
        Set<Digest> keep = journal.all().stream()
                .flatMap(entry -> entry.wanted().stream())
                .map(Version::digest)
                .collect(Collectors.toSet());
        try {
            removal.accept(keep);
        } catch (ArtifactException e) {
            // The next confirm tries again; serving does not depend on it.
            LOG.warn("old versions could not be removed from the cache: {}", e.getMessage());
        }
    }
}
