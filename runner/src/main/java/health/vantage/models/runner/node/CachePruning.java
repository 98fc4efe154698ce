package health.vantage.models.runner.node;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.store.ModelStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Frees the disk of versions that no model of this node can return to. */
final class CachePruning {
    private static final Logger LOG = LoggerFactory.getLogger(CachePruning.class);

    private final Journal journal;
    private final ModelStore store;
    private final Optional<Path> builtEngines;

    /** @param builtEngines a folder per model, by its digest */
    CachePruning(Journal journal, ModelStore store, Optional<Path> builtEngines) {
        this.journal = journal;
        this.store = store;
        this.builtEngines = builtEngines;
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
            pruneBuilt(keep.stream().map(Digest::hex).collect(Collectors.toSet()));
        } catch (ArtifactException | UncheckedIOException e) {
            // The next confirm tries again; serving does not depend on it.
            LOG.warn("old versions could not be removed from the cache: {}", e.getMessage());
        }
    }

    private void pruneBuilt(Set<String> keep) {
        if (builtEngines.filter(Files::isDirectory).isEmpty()) {
            return;
        }
        try (Stream<Path> folders = Files.list(builtEngines.get())) {
            for (Path folder : folders.toList()) {
                if (!keep.contains(folder.getFileName().toString())) {
                    delete(folder);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        }
    }
}
