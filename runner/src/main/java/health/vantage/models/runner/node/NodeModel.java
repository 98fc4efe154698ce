package health.vantage.models.runner.node;

import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Version;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.model.ModelMemory;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.model.VersionCounters;
import health.vantage.models.runner.store.StoredModel;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One model of this node: its slot, its journal entry and its reported state. Changed by its worker's thread only, read by the reporter. */
final class NodeModel {
    private static final Logger LOG = LoggerFactory.getLogger(NodeModel.class);
    private static final int MAX_MESSAGE = 1024;

    private final String name;
    private final NodeParts parts;
    private final StatusBoard board;
    private final ModelSlot slot;
    private volatile JournalEntry entry;
    private volatile Progress progress;
    private volatile boolean stopping;
    /** Whether {@code entry} is newer than what lies on the disk. */
    private boolean unwritten;

    private volatile Optional<Trial> tried = Optional.empty();

    NodeModel(String name, NodeParts parts, StatusBoard board) {
        this.name = name;
        this.parts = parts;
        this.board = board;
        this.slot = parts.serving().table().slot(name);
        this.entry = parts.journal().find(name).orElseGet(() -> JournalEntry.empty(name));
        this.progress = new Progress(entry.epoch(), null, "", "", 0, 0);
    }

    String name() {
        return name;
    }

    NodeParts parts() {
        return parts;
    }

    ModelSlot slot() {
        return slot;
    }

    JournalEntry entry() {
        return entry;
    }

    /**
     * Changes what the node remembers; on the disk when this returns.
     *
     * @throws UncheckedIOException when it cannot be written; nothing is changed then
     */
    void record(UnaryOperator<JournalEntry> change) {
        JournalEntry next = change.apply(entry);
        parts.journal().put(next);
        entry = next;
        unwritten = false;
    }

    /** The same for what must be done even on a full disk, such as going back to a good version: it is written when there is room. */
    void recordOrRemember(UnaryOperator<JournalEntry> change) {
        try {
            record(change);
        } catch (UncheckedIOException e) {
            if (!unwritten) {
                LOG.error("model {}: {}; until it can be, the node remembers in memory only", name, e.getMessage());
            }
            entry = change.apply(entry);
            unwritten = true;
        }
    }

    /** Writes what could not be written before; tried again by the worker as long as it cannot. */
    void writeDown() {
        if (unwritten) {
            recordOrRemember(UnaryOperator.identity());
            if (!unwritten) {
                LOG.info("model {}: the journal is written again", name);
            }
        }
    }

    void report(Progress next) {
        progress = next;
        board.changed();
    }

    void report(State state) {
        report(Progress.of(entry.epoch(), state));
    }

    void report(State state, String reason, String message) {
        report(Progress.of(entry.epoch(), state, reason, message));
    }

    /** Bytes pulled so far; told to the API server a few times a minute. */
    void pulled(long done, long total) {
        progress = progress.pulled(done, total);
        board.progressed();
    }

    Progress progress() {
        return progress;
    }

    /** Tells those who watch the model's health, after the slot has changed. */
    void announce() {
        parts.serving().announce(slot);
        board.changed();
    }

    /**
     * Reads a model into this process, or starts the engine that does. The journal says so while this process reads it: should it die of it, the next one knows the
     * culprit. An engine dies alone.
     *
     * @throws Superseded when {@code unwanted} said so before it was ready
     */
    ServedVersion load(Version version, StoredModel stored, BooleanSupplier unwanted) throws LoadFailure {
        if (parts.serving().loader().ownProcess(stored.contract().format())) {
            return read(stored, unwanted);
        }
        Version named = new Version(
                version.repository(), version.digest(), stored.contract().version());
        UnaryOperator<JournalEntry> loading = old -> old.withLoading(Optional.of(named));
        if (proven(version)) {
            recordOrRemember(loading);
        } else {
            // Without the note nobody would know next time that this version killed the process.
            record(loading);
        }
        try {
            return read(stored, unwanted);
        } finally {
            recordOrRemember(old -> old.withLoading(Optional.empty()));
        }
    }

    /** Whether it was good on this node before. */
    private boolean proven(Version version) {
        return entry.lastGood().filter(version::equals).isPresent()
                || entry.confirmed() && entry.current().filter(version::equals).isPresent();
    }

    private ServedVersion read(StoredModel stored, BooleanSupplier unwanted) throws LoadFailure {
        try {
            ServedVersion loaded = parts.serving()
                    .loader()
                    .load(stored.digest(), stored.contract(), stored.folder(), entry.device(), unwanted);
            if (loaded.model() instanceof ExternalModel external) {
                external.watch(new Announcing());
            }
            tried.filter(trial -> trial.digest().equals(loaded.digest()))
                    .ifPresent(trial -> loaded.measured(trial.memoryMiB()));
            loaded.memory().excess().ifPresent(excess -> LOG.warn("model {}: {} {}", name, loaded, excess));
            return loaded;
        } catch (LoadFailure e) {
            if (unwanted.getAsBoolean()) {
                throw new Superseded();
            }
            throw e;
        }
    }

    /** What the child of the preflight took: nothing else ran in it, so that it counts for more than the reading of this process. */
    void triedWith(Digest digest, long memoryMiB) {
        tried = memoryMiB > 0 ? Optional.of(new Trial(digest, memoryMiB)) : Optional.empty();
    }

    private record Trial(Digest digest, long memoryMiB) {}

    /** An engine's process comes and goes without an instruction. */
    private final class Announcing implements ExternalModel.Watcher {
        @Override
        public void failed(String why) {
            board.changed();
        }

        @Override
        public void changed() {
            announce();
        }
    }

    /** From now on nothing that takes long is begun, and what is under way is given up. */
    void stop() {
        stopping = true;
    }

    boolean stopping() {
        return stopping;
    }

    boolean serves(Digest digest) {
        return slot.active().filter(version -> version.digest().equals(digest)).isPresent();
    }

    /** The whole state as the status has it. */
    ModelState state() {
        Progress now = progress;
        JournalEntry known = entry;
        Optional<ServedVersion> active = slot.active();
        VersionCounters.Reading counters =
                active.map(version -> version.counters().read()).orElse(new VersionCounters.Reading(0, 0, 0));
        Optional<String> trouble = active.flatMap(ServedVersion::trouble);
        boolean down = trouble.isPresent() && now.reason().isEmpty();
        // While it soaks the counters speak for it; once confirmed, what does not answer must not look as if it did.
        Optional<ServedVersion> answering =
                active.filter(version -> trouble.isEmpty() || now.state() != State.Confirmed);
        Optional<ModelMemory> memory = active.map(ServedVersion::memory);
        return new ModelState(
                name,
                now.epoch(),
                now.state(),
                answering.map(version -> version.digest().toString()).orElse(null),
                answering.map(version -> version.contract().version()).orElse(null),
                known.staging().map(version -> version.digest().toString()).orElse(null),
                known.lastGood().map(version -> version.digest().toString()).orElse(null),
                down ? "EngineDown" : now.reason().isEmpty() ? null : now.reason(),
                down ? shortened(trouble.get()) : now.message().isEmpty() ? null : shortened(now.message()),
                now.totalBytes() == 0 ? null : now.pulledBytes(),
                now.totalBytes() == 0 ? null : now.totalBytes(),
                board.startedAt(),
                counters.requests(),
                counters.errors(),
                counters.p99Ms(),
                memory.map(ModelMemory::declaredMiB).orElse(null),
                memory.flatMap(ModelMemory::measuredMiB).orElse(null));
    }

    private static String shortened(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
    }

    static Version version(ArtifactRef artifact) {
        return new Version(
                artifact.repository(),
                Digest.parse(artifact.digest()),
                Optional.ofNullable(artifact.version()).orElse(""));
    }
}
