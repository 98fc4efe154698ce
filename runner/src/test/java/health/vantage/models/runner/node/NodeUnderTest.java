package health.vantage.models.runner.node;

import static org.awaitility.Awaitility.await;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import health.vantage.models.runner.store.ArtifactStore;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** A node with one model, real files and real preflights, that is told by hand; it can end and begin again. */
final class NodeUnderTest {
    static final String MODEL = "retina-seg";

    /** The deployment that its instructions come from unless a test says otherwise. */
    private static final DeploymentRef DEPLOYMENT = new DeploymentRef("imaging", MODEL, "uid");

    /** An instruction; what a test does not say is as a small rollout has it. */
    record Wish(ModelInstruction instruction) {
        Wish from(DeploymentRef deployment) {
            return of(
                    deployment,
                    instruction.quarantined(),
                    instruction.verify(),
                    instruction.device(),
                    instruction.loadBeside());
        }

        Wish quarantining(Digest digest) {
            return of(
                    instruction.deployment(),
                    List.of(digest.toString()),
                    instruction.verify(),
                    instruction.device(),
                    instruction.loadBeside());
        }

        Wish verified(Verification verify) {
            return of(
                    instruction.deployment(),
                    instruction.quarantined(),
                    verify,
                    instruction.device(),
                    instruction.loadBeside());
        }

        Wish onDevice(int device) {
            return of(
                    instruction.deployment(),
                    instruction.quarantined(),
                    instruction.verify(),
                    device,
                    instruction.loadBeside());
        }

        Wish withoutRoomBeside() {
            return of(
                    instruction.deployment(),
                    instruction.quarantined(),
                    instruction.verify(),
                    instruction.device(),
                    false);
        }

        private Wish of(
                DeploymentRef deployment, List<String> quarantined, Verification verify, int device, boolean beside) {
            return new Wish(new ModelInstruction(
                    MODEL,
                    deployment,
                    instruction.epoch(),
                    instruction.step(),
                    instruction.target(),
                    instruction.lastGood(),
                    quarantined,
                    verify,
                    device,
                    beside,
                    instruction.historyLimit(),
                    instruction.maxErrorRate()));
        }
    }

    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final Path folder;
    private final Path own;
    private final AtomicBoolean operatorSees = new AtomicBoolean(true);
    private final SampleRepository repository;
    private RunnerUnderTest runner;
    private StatusBoard board;
    private NodeRunner node;

    NodeUnderTest(Path folder) throws IOException {
        this.folder = folder;
        this.own = Files.createDirectories(folder.resolve("node"));
        this.repository = SampleRepository.layout(folder, MODEL);
        begin(false);
    }

    /** Where its models are released; {@link #registry()} is its folder. */
    SampleRepository repository() {
        return repository;
    }

    /** The folder of what was released, to take it away. */
    Path registry() {
        return folder.resolve(MODEL);
    }

    void begin(boolean lastOneDied) throws IOException {
        runner = new RunnerUnderTest(own);
        board = new StatusBoard(Instant.now());
        NodeParts parts = new NodeParts(
                runner.serving(),
                new ArtifactStore(
                        new Repositories(RegistryOptions.defaults().withRetries(1, Duration.ZERO, Duration.ZERO)),
                        openCache()),
                openJournal(),
                new Preflight(Preflight.Limits.defaults(), 1),
                Clock.systemUTC());
        node = new NodeRunner(parts, board, operatorSees::get, Duration.ofMinutes(5));
        node.restore(lastOneDied);
    }

    void end() throws InterruptedException {
        node.stop();
        runner.close();
    }

    /** The API server is out of reach: what happens is the node's own decision. */
    void loseOperator() {
        operatorSees.set(false);
    }

    void apply(Wish... wishes) throws InterruptedException {
        node.apply(Stream.of(wishes).map(Wish::instruction).toList());
    }

    void tell(Digest target, Digest lastGood, long epoch, Step step) throws InterruptedException {
        apply(wish(target, lastGood, epoch, step));
    }

    void stage(Digest target, long epoch, Verification verify) throws InterruptedException {
        apply(wish(target, null, epoch, Step.Stage).verified(verify));
    }

    void confirm(Digest digest, long epoch) throws InterruptedException {
        tell(digest, null, epoch, Step.Confirm);
        await().atMost(LIMIT).until(() -> board.states().stream()
                .anyMatch(state -> state.state() == State.Confirmed && state.epoch() == epoch));
    }

    Wish wish(Digest target, Digest lastGood, long epoch, Step step) {
        return new Wish(new ModelInstruction(
                MODEL,
                DEPLOYMENT,
                epoch,
                step,
                ref(target),
                lastGood == null ? null : ref(lastGood),
                List.of(),
                Verification.NONE,
                0,
                true,
                3,
                0.01));
    }

    private ArtifactRef ref(Digest digest) {
        return new ArtifactRef(repository.reference(), digest.toString(), null, "any", 0L, 0L);
    }

    StatusBoard board() {
        return board;
    }

    /** An instruction that is ignored leaves no trace but this: the worker has taken it and waits for the next. */
    void awaitIgnored() {
        await().until(() -> node.idle(MODEL));
    }

    ModelState state() {
        return board.states().getFirst();
    }

    ModelState awaitState(State wanted) {
        await().atMost(LIMIT)
                .until(
                        () -> board.states().stream().map(ModelState::state).toList(),
                        states -> states.contains(wanted));
        return state();
    }

    ModelState awaitReason(String reason) {
        await().atMost(LIMIT)
                .until(() -> board.states().stream().map(ModelState::reason).toList(), said -> said.contains(reason));
        return state();
    }

    /** The version that answers, or the code of the refusal. */
    String answer() {
        try {
            return runner.infer(MODEL, Floats.bytes(1, 2, 3, 4)).getModelVersion();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        }
    }

    ModelSlot slot() {
        return runner.serving().table().slot(MODEL);
    }

    /** The journal as it lies on disk. */
    Journal openJournal() {
        return Journal.open(own.resolve("journal"));
    }

    JournalEntry journal() {
        return openJournal().find(MODEL).orElseThrow();
    }

    NodeCache openCache() {
        return NodeCache.open(own.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
    }

    /** As a process leaves it that dies while it loads what it served before. */
    void markLoading() {
        Journal journal = openJournal();
        JournalEntry entry = journal.find(MODEL).orElseThrow();
        journal.put(entry.withLoading(entry.current()));
    }

    void flip(Digest digest) throws IOException {
        try (NodeCache cache = openCache()) {
            Path weights = cache.find(digest).orElseThrow().weight().orElseThrow();
            byte[] bytes = Files.readAllBytes(weights);
            bytes[bytes.length / 2] ^= 1;
            if (!weights.toFile().setWritable(true)) {
                throw new IOException("cannot make " + weights + " writable");
            }
            Files.write(weights, bytes);
        }
    }

    /** The registry is gone for good. */
    void deleteRegistry() throws IOException {
        try (Stream<Path> files = Files.walk(registry())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
