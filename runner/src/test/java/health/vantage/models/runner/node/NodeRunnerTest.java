package health.vantage.models.runner.node;

import static org.assertj.core.api.Assertions.assertThat;
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
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SampleRepository;
import health.vantage.models.runner.samples.SigningKey;
import health.vantage.models.runner.store.ArtifactStore;
import health.vantage.models.runner.store.Policies;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's part of a rollout on real files and real preflights, with instructions given by hand. */
final class NodeRunnerTest {
    private static final String MODEL = "retina-seg";
    private static final long[] FOUR = {4};

    @TempDir
    Path folder;

    private final AtomicBoolean operatorSees = new AtomicBoolean(true);
    private SampleRepository repository;
    private Digest one;
    private Digest two;
    private RunnerUnderTest runner;
    private StatusBoard board;
    private NodeRunner node;

    @BeforeEach
    void start() throws Exception {
        repository = SampleRepository.layout(folder, MODEL);
        one = repository.push("1.0.0", OnnxModels.scale(1, 4), FOUR, FOUR);
        two = repository.push("2.0.0", OnnxModels.scale(2, 4), FOUR, FOUR);
        begin(false);
    }

    @AfterEach
    void stop() throws Exception {
        end();
    }

    @Test
    void aVersionIsStagedWithoutServingThenActivatedThenConfirmed() throws Exception {
        tell(one, null, 1, Step.Stage);
        awaitState(State.Staged);
        assertThat(answer()).as("nothing serves yet").isEqualTo("UNAVAILABLE");

        tell(one, null, 1, Step.Activate);
        awaitState(State.Active);
        assertThat(answer()).isEqualTo("1.0.0");

        tell(one, null, 1, Step.Confirm);
        ModelState confirmed = awaitState(State.Confirmed);
        assertThat(confirmed.lastGoodDigest()).isEqualTo(one.toString());
        assertThat(confirmed.activeDigest()).isEqualTo(one.toString());
        assertThat(confirmed.declaredMemoryMiB()).isPositive();
        assertThat(confirmed.measuredMemoryMiB()).isNotNull();
    }

    @Test
    void theNextVersionIsLoadedBesideAndSwappedAndAnAbortSwapsBack() throws Exception {
        confirm(one, 1);
        tell(two, one, 2, Step.Stage);
        awaitState(State.Staged);
        assertThat(answer()).isEqualTo("1.0.0");

        tell(two, one, 2, Step.Activate);
        awaitState(State.Active);
        assertThat(answer()).isEqualTo("2.0.0");

        tell(two, one, 2, Step.Abort);
        ModelState back = awaitState(State.Reverted);
        assertThat(answer()).isEqualTo("1.0.0");
        assertThat(back.epoch()).isEqualTo(2);
        assertThat(back.activeDigest()).isEqualTo(one.toString());
    }

    @Test
    void aNodeThatMissedTheStepsBeforeCatchesUp() throws Exception {
        confirm(one, 1);

        tell(two, one, 2, Step.Confirm);

        awaitState(State.Confirmed);
        assertThat(answer()).isEqualTo("2.0.0");
    }

    @Test
    void instructionsOfAnOlderEpochAreIgnored() throws Exception {
        confirm(two, 5);

        tell(one, null, 4, Step.Confirm);
        tell(two, null, 5, Step.Confirm);

        assertThat(awaitState(State.Confirmed).epoch()).isEqualTo(5);
        assertThat(answer()).isEqualTo("2.0.0");
        assertThat(journal().epoch()).isEqualTo(5);
    }

    @Test
    void afterAnAbortALateStepOfTheSameEpochBringsNothingBack() throws Exception {
        confirm(one, 1);
        tell(two, one, 2, Step.Activate);
        awaitState(State.Active);
        tell(two, one, 2, Step.Abort);
        awaitState(State.Reverted);

        for (Step late : List.of(Step.Stage, Step.Activate, Step.Confirm)) {
            tell(two, one, 2, late);
            awaitIgnored();
            assertThat(answer()).as("after a late %s", late).isEqualTo("1.0.0");
            assertThat(state().state()).isEqualTo(State.Reverted);
        }
        end();
        begin(false);
        tell(two, one, 2, Step.Activate);
        awaitIgnored();
        assertThat(answer()).as("nor after a restart").isEqualTo("1.0.0");

        tell(two, one, 3, Step.Activate);
        await().until(() -> answer().equals("2.0.0"));
    }

    @Test
    void afterAConfirmALateStepOfTheSameEpochChangesNothing() throws Exception {
        confirm(one, 1);
        tell(two, one, 2, Step.Confirm);
        awaitState(State.Confirmed);
        await().until(() -> answer().equals("2.0.0"));

        for (Step late : List.of(Step.Stage, Step.Activate, Step.Abort)) {
            tell(two, one, 2, late);
            awaitIgnored();
            assertThat(answer()).as("after a late %s", late).isEqualTo("2.0.0");
            assertThat(state().state()).isEqualTo(State.Confirmed);
            assertThat(journal().lastGood().orElseThrow().digest()).isEqualTo(two);
        }
    }

    @Test
    void anAbortThatAPowerCutInterruptedIsCompletedByTheNextStart() throws Exception {
        confirm(one, 1);
        tell(two, one, 2, Step.Activate);
        awaitState(State.Active);
        end();
        Journal journal = Journal.open(folder.resolve("node/journal"));
        JournalEntry entry = journal.find(MODEL).orElseThrow();
        journal.put(entry.aborted(entry.lastGood()));

        begin(true);

        assertThat(answer()).isEqualTo("1.0.0");
        assertThat(state().state()).isEqualTo(State.Reverted);
    }

    @Test
    void aDeploymentMadeAnewCountsItsEpochsFromTheStart() throws Exception {
        confirm(one, 7);

        node.apply(List.of(wish(new DeploymentRef("imaging", MODEL, "another"), two, null, 1, Step.Confirm, true)));

        await().until(() -> answer().equals("2.0.0"));
        assertThat(awaitState(State.Confirmed).epoch()).isEqualTo(1);
    }

    @Test
    void theFirstRolloutAbortedLeavesNothing() throws Exception {
        tell(one, null, 1, Step.Activate);
        awaitState(State.Active);

        tell(one, null, 1, Step.Abort);

        assertThat(awaitState(State.Reverted).activeDigest()).isNull();
        assertThat(answer()).isEqualTo("UNAVAILABLE");
    }

    @Test
    void aModelThatCrashesInItsPreflightFailsTheStageAndTheOldOneServes() throws Exception {
        confirm(one, 1);
        Digest crashing = repository.pushScripted("3.0.0", "crash");

        tell(crashing, one, 2, Step.Stage);

        ModelState failed = awaitState(State.Failed);
        assertThat(failed.reason()).isEqualTo("PreflightFailed");
        assertThat(failed.message()).contains("crashed the process");
        assertThat(failed.activeDigest()).isEqualTo(one.toString());
        assertThat(answer()).isEqualTo("1.0.0");
    }

    @Test
    void whereMemoryHoldsOneVersionTheOldOneIsUnloadedFirst() throws Exception {
        confirm(one, 1);

        node.apply(List.of(wish(two, one, 2, Step.Activate, false)));
        awaitState(State.Active);

        assertThat(answer()).isEqualTo("2.0.0");
        assertThat(runner.serving().table().slot(MODEL).staged()).isEmpty();
    }

    @Test
    void aQuarantinedDigestIsNotActivated() throws Exception {
        confirm(one, 1);
        ModelInstruction wish = new ModelInstruction(
                MODEL,
                new DeploymentRef("imaging", MODEL, "uid"),
                2L,
                Step.Activate,
                ref(two),
                ref(one),
                List.of(two.toString()),
                Verification.NONE,
                0,
                true,
                3,
                0.01);

        node.apply(List.of(wish));

        assertThat(awaitState(State.Failed).reason()).isEqualTo("Quarantined");
        assertThat(answer()).isEqualTo("1.0.0");
    }

    @Test
    void withoutAnApiServerAFailingVersionIsTurnedBackByTheNodeItself() throws Exception {
        confirm(one, 1);
        Digest fragile = repository.push("2.1.0", OnnxModels.failsAbove(0.5f, 4), FOUR, FOUR);
        tell(fragile, one, 2, Step.Activate);
        awaitState(State.Active);
        operatorSees.set(false);

        for (int i = 0; i < 5; i++) {
            assertThat(answer()).isIn("INTERNAL", "1.0.0");
        }

        ModelState back = awaitState(State.Reverted);
        assertThat(back.reason()).isEqualTo("SoakFailed");
        assertThat(back.message()).contains("the API server cannot be reached");
        assertThat(answer()).isEqualTo("1.0.0");

        tell(fragile, one, 2, Step.Activate);
        end();
        begin(false);
        tell(fragile, one, 2, Step.Confirm);
        assertThat(awaitReason("SoakFailed").activeDigest())
                .as("the same epoch does not bring it back, not even after a restart")
                .isEqualTo(one.toString());
    }

    @Test
    void whileTheOperatorCanSeeTheCountersTheDecisionIsItsOwn() throws Exception {
        confirm(one, 1);
        Digest fragile = repository.push("2.1.0", OnnxModels.failsAbove(0.5f, 4), FOUR, FOUR);
        tell(fragile, one, 2, Step.Activate);
        awaitState(State.Active);

        for (int i = 0; i < 5; i++) {
            assertThat(answer()).isEqualTo("INTERNAL");
        }

        ModelState seen = state();
        assertThat(seen.state()).isEqualTo(State.Active);
        assertThat(seen.errors()).isEqualTo(5);
        assertThat(seen.requests()).isEqualTo(5);
    }

    @Test
    void aRestartServesTheSameWithoutRegistryAndWithoutInstructions() throws Exception {
        confirm(two, 3);
        end();
        delete(folder.resolve(MODEL));

        begin(false);

        assertThat(answer()).isEqualTo("2.0.0");
        assertThat(state().state()).isEqualTo(State.Confirmed);
        assertThat(state().epoch()).isEqualTo(3);
    }

    @Test
    void aFlippedBitIsHealedFromTheRegistryElseThePreviousVersionServes() throws Exception {
        confirm(one, 1);
        confirm(two, 2);
        end();
        flip(two);
        begin(false);
        assertThat(answer()).as("healed").isEqualTo("2.0.0");
        end();

        flip(two);
        delete(folder.resolve(MODEL));
        begin(false);

        assertThat(answer()).as("offline").isEqualTo("1.0.0");
        assertThat(state().state()).isEqualTo(State.Reverted);
        assertThat(state().reason()).isEqualTo("IntegrityMismatch");
    }

    @Test
    void aDeathUnderAnUnconfirmedVersionIsForgivenOnceAndASecondOneTurnsItBack() throws Exception {
        confirm(one, 1);
        tell(two, one, 2, Step.Activate);
        awaitState(State.Active);
        end();

        begin(true);
        assertThat(answer()).isEqualTo("2.0.0");
        end();

        begin(true);
        assertThat(answer()).isEqualTo("1.0.0");
        assertThat(state().reason()).isEqualTo("SoakFailed");
    }

    @Test
    void aGoodVersionIsNotCondemnedByOneDeathWhileItWasLoaded() throws Exception {
        confirm(one, 1);
        for (String expected : List.of("1.0.0", "1.0.0")) {
            end();
            markLoading();
            begin(true);
            assertThat(answer()).isEqualTo(expected);
        }
        end();
        markLoading();
        Journal journal = Journal.open(folder.resolve("node/journal"));
        journal.put(journal.find(MODEL).orElseThrow().withDeath().withDeath());
        begin(true);
        assertThat(answer()).as("three in a row").isEqualTo("UNAVAILABLE");
        assertThat(state().reason()).isEqualTo("CrashedOnLoad");
    }

    @Test
    void aModelThatIsNoLongerWishedForIsUnloadedAndForgotten() throws Exception {
        confirm(one, 1);

        node.apply(List.of());

        assertThat(answer()).isEqualTo("NOT_FOUND");
        assertThat(board.states()).isEmpty();
        assertThat(Journal.open(folder.resolve("node/journal")).all()).isEmpty();
    }

    @Test
    void aVersionWithoutASignatureIsNotStagedWhereKeysAreGiven() throws Exception {
        Signer signer = Signer.of(SigningKey.pem());

        stageSigned(1, signer.publicKeyPem());

        assertThat(awaitState(State.Failed).reason()).isEqualTo("NoSignature");
        assertThat(answer()).isEqualTo("UNAVAILABLE");
    }

    @Test
    void aSignatureOfAStrangerIsRefusedAndOneOfTheKeyIsTaken() throws Exception {
        Signer owner = Signer.of(SigningKey.pem());
        Signer.of(SigningKey.pem()).signV3(repository.repository(), one);
        stageSigned(1, owner.publicKeyPem());
        assertThat(awaitState(State.Failed).reason()).isEqualTo("SignatureInvalid");

        owner.signV3(repository.repository(), one);
        stageSigned(2, owner.publicKeyPem());

        awaitState(State.Staged);
    }

    @Test
    void whileKeysAreRotatedEitherIsEnoughAndAfterwardsTheOldOneIsNot() throws Exception {
        Signer before = Signer.of(SigningKey.pem());
        Signer after = Signer.of(SigningKey.pem());
        before.signV2(repository.repository(), one);
        stageSigned(1, before.publicKeyPem(), after.publicKeyPem());
        awaitState(State.Staged);

        before.signV2(repository.repository(), two);
        node.apply(List.of(wish(
                new DeploymentRef("imaging", MODEL, "uid"),
                two,
                null,
                2,
                Step.Stage,
                true,
                Verification.keys(List.of(after.publicKeyPem())))));

        assertThat(awaitState(State.Failed).reason()).isEqualTo("SignatureInvalid");
    }

    private void stageSigned(long epoch, String... keys) throws InterruptedException {
        stage(epoch, Verification.keys(List.of(keys)));
    }

    private void stage(long epoch, Verification verify) throws InterruptedException {
        node.apply(
                List.of(wish(new DeploymentRef("imaging", MODEL, "uid"), one, null, epoch, Step.Stage, true, verify)));
    }

    @Test
    void whatIsSignedButNotAttestedIsNotStagedUntilItIsAndThenVerifiesOffline() throws Exception {
        Signer owner = Signer.of(SigningKey.pem());
        owner.signV2(repository.repository(), one);
        Verification demanding = new Verification(List.of(owner.publicKeyPem()), null, List.of("cyclonedx"), null);
        stage(1, demanding);
        assertThat(awaitState(State.Failed).reason()).isEqualTo("NoAttestation");
        assertThat(answer()).isEqualTo("UNAVAILABLE");

        owner.attestV2(
                repository.repository(),
                one,
                AttestationType.CYCLONEDX.predicateType(),
                Json.newObject().put("bomFormat", "CycloneDX"));
        stage(2, demanding);
        awaitState(State.Staged);

        // What was attested after the pull is beside the model now: no registry is needed to see it again.
        try (NodeCache cache = NodeCache.open(
                folder.resolve("node/cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            Repository evidence = cache.find(one).orElseThrow().evidence();
            assertThat(Policies.of(demanding).open().check(evidence, one)).isPresent();
        }
    }

    @Test
    void aDemandThatThisRunnerDoesNotKnowIsRefusedAndNotTakenForNone() throws Exception {
        stage(1, new Verification(List.of(Signer.of(SigningKey.pem()).publicKeyPem()), null, List.of("newer"), null));

        assertThat(awaitState(State.Failed).reason()).isEqualTo("KeyMissing");
        assertThat(awaitState(State.Failed).message()).contains("no attestation type 'newer'");
    }

    @Test
    void aVersionIsTriedAndServedOnTheGpuThatTheInstructionNamesAlsoAfterAStart() throws Exception {
        Digest onGpu = repository.pushScripted("3.0.0", "on-gpu");
        ModelInstruction first = wish(onGpu, null, 1, Step.Confirm, true);
        node.apply(List.of(new ModelInstruction(
                MODEL,
                first.deployment(),
                1L,
                Step.Confirm,
                first.target(),
                null,
                List.of(),
                Verification.NONE,
                2,
                true,
                3,
                0.01)));
        awaitState(State.Confirmed);
        assertThat(device()).isEqualTo("cuda:2");

        end();
        begin(false);

        assertThat(device()).as("nobody told the new process").isEqualTo("cuda:2");
    }

    private String device() {
        return runner.serving()
                .table()
                .slot(MODEL)
                .active()
                .orElseThrow()
                .model()
                .device();
    }

    @Test
    void aRegistryThatIsAwayIsAskedAgainUntilItIsBack() throws Exception {
        Path away = folder.resolve("away");
        Files.move(folder.resolve(MODEL), away);
        tell(one, null, 1, Step.Stage);
        await().until(() -> board.states().size() == 1 && state().reason() != null);

        Files.move(away, folder.resolve(MODEL));
        tell(one, null, 2, Step.Stage);

        awaitState(State.Staged);
    }

    private void begin(boolean lastOneDied) throws IOException {
        Path own = Files.createDirectories(folder.resolve("node"));
        runner = new RunnerUnderTest(own);
        board = new StatusBoard(Instant.now());
        NodeParts parts = new NodeParts(
                runner.serving(),
                new ArtifactStore(
                        new Repositories(RegistryOptions.defaults().withRetries(1, Duration.ZERO, Duration.ZERO)),
                        NodeCache.open(
                                own.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))),
                Journal.open(own.resolve("journal")),
                new Preflight(Preflight.Limits.defaults(), 1),
                Clock.systemUTC());
        node = new NodeRunner(parts, board, operatorSees::get, Duration.ofMinutes(5));
        node.restore(lastOneDied);
    }

    private void end() throws InterruptedException {
        node.stop();
        runner.close();
    }

    private void confirm(Digest digest, long epoch) throws InterruptedException {
        tell(digest, null, epoch, Step.Confirm);
        await().atMost(Duration.ofSeconds(15)).until(() -> board.states().stream()
                .anyMatch(state -> state.state() == State.Confirmed && state.epoch() == epoch));
    }

    private void tell(Digest target, Digest lastGood, long epoch, Step step) throws InterruptedException {
        node.apply(List.of(wish(target, lastGood, epoch, step, true)));
    }

    private ModelInstruction wish(Digest target, Digest lastGood, long epoch, Step step, boolean beside) {
        return wish(new DeploymentRef("imaging", MODEL, "uid"), target, lastGood, epoch, step, beside);
    }

    private ModelInstruction wish(
            DeploymentRef deployment, Digest target, Digest lastGood, long epoch, Step step, boolean beside) {
        return wish(deployment, target, lastGood, epoch, step, beside, Verification.NONE);
    }

    private ModelInstruction wish(
            DeploymentRef deployment,
            Digest target,
            Digest lastGood,
            long epoch,
            Step step,
            boolean beside,
            Verification verify) {
        return new ModelInstruction(
                MODEL,
                deployment,
                epoch,
                step,
                ref(target),
                lastGood == null ? null : ref(lastGood),
                List.of(),
                verify,
                0,
                beside,
                3,
                0.01);
    }

    /** An instruction that is ignored leaves no trace but this: the worker has taken it and waits for the next. */
    private void awaitIgnored() {
        await().until(() -> node.idle(MODEL));
    }

    private ArtifactRef ref(Digest digest) {
        return new ArtifactRef(repository.reference(), digest.toString(), null, "any", 0L, 0L);
    }

    private ModelState state() {
        return board.states().getFirst();
    }

    private ModelState awaitState(State wanted) {
        await().atMost(Duration.ofSeconds(15))
                .until(
                        () -> board.states().stream().map(ModelState::state).toList(),
                        states -> states.contains(wanted));
        return state();
    }

    private ModelState awaitReason(String reason) {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> board.states().stream().map(ModelState::reason).toList(), said -> said.contains(reason));
        return state();
    }

    /** The version that answers, or the code of the refusal. */
    private String answer() {
        try {
            return runner.infer(MODEL, Floats.bytes(1, 2, 3, 4)).getModelVersion();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        }
    }

    /** As a process leaves it that dies while it loads what it served before. */
    private void markLoading() {
        Journal journal = Journal.open(folder.resolve("node/journal"));
        JournalEntry entry = journal.find(MODEL).orElseThrow();
        journal.put(entry.withLoading(entry.current()));
    }

    private JournalEntry journal() {
        return Journal.open(folder.resolve("node/journal")).find(MODEL).orElseThrow();
    }

    private void flip(Digest digest) throws IOException {
        try (NodeCache cache = NodeCache.open(
                folder.resolve("node/cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            Path weights = cache.find(digest).orElseThrow().weight().orElseThrow();
            byte[] bytes = Files.readAllBytes(weights);
            bytes[bytes.length / 2] ^= 1;
            if (!weights.toFile().setWritable(true)) {
                throw new IOException("cannot make " + weights + " writable");
            }
            Files.write(weights, bytes);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
