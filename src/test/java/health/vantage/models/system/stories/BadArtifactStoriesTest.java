package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.model.ModelBom;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.keyless.PrivateSigstore;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.system.world.Publisher;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An artifact that is wrong, damaged or of doubtful origin: it serves nowhere, and what is wrong is said with its path. */
@WithStoryWorld
class BadArtifactStoriesTest {
    private static final Map<String, ?> JETSON = Map.of("tiers", List.of("jetson"));

    private final StoryWorld world;

    BadArtifactStoriesTest(StoryWorld world) {
        this.world = world;
    }

    static List<Arguments> wrongMetadata() {
        return List.of(
                wrong("no-vram", model -> model.remove("vramGB"), "$.model.vramGB: is missing"),
                wrong("negative-vram", model -> model.put("vramGB", -1), "$.model.vramGB: must be > 0, is -1"),
                wrong("text-vram", model -> model.put("vramGB", "much"), "$.model.vramGB: must be a number"),
                wrong("odd-format", model -> model.put("format", "floppy"), "$.model.format: "));
    }

    private static Arguments wrong(String name, Consumer<ObjectNode> change, String said) {
        return Arguments.of(name, change, said);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongMetadata")
    void wrongMetadataIsNamedByItsPath(String name, Consumer<ObjectNode> change, String said) {
        try (Story story = new Story(world, name)) {
            Digest good = release(story);
            RawManifest.like(story.rawRepository(), good)
                    .metadata(metadata -> change.accept((ObjectNode) metadata.get("model")))
                    .push("cv3-jetson");
            story.apply(JETSON);
            story.awaitCondition("Ready", Status.False, "InvalidMetadata");
            assertThat(story.condition("Resolved").message()).contains(story.repository(), said);
        }
    }

    @Test
    void whatNobodySignedIsToldToNoNode() {
        try (Story story = new Story(world, "unsigned")) {
            var release = Story.release("1.0.0", "jetson");
            Digest digest = story.publisher()
                    .releaseUnsigned(release, story.files(OnnxModels.scale(1, Story.shape())))
                    .getFirst();
            story.publisher().moveTags(release);
            story.apply(JETSON);
            story.awaitCondition("Ready", Status.False, "NoSignature");
            assertThat(story.condition("Verified").message()).contains(digest.toString());
            assertThat(StoryWorld.NODES)
                    .allSatisfy(node -> assertThat(story.told(node)).isEmpty());
        }
    }

    @Test
    void aSignatureOfAnotherKeyIsNotAccepted() {
        try (Story story = new Story(world, "wrong-key")) {
            release(story);
            story.publisher().moveTags(Story.release("1.0.0", "jetson"));
            story.trust(Publisher.newKey());
            story.apply(JETSON);
            story.awaitCondition("Ready", Status.False, "SignatureInvalid");
            assertThat(StoryWorld.NODES)
                    .allSatisfy(node -> assertThat(story.told(node)).isEmpty());
        }
    }

    @Test
    void whatIsSignedButNotAttestedIsToldToNoNodeAndRollsOutOnceItIs() {
        try (Story story = new Story(world, "unattested")) {
            Digest digest = release(story);
            story.publisher().moveTags(Story.release("1.0.0", "jetson"));
            story.apply(Map.of("tiers", List.of("jetson"), "verify.attestations", List.of("cyclonedx")));
            story.awaitCondition("Ready", Status.False, "NoAttestation");
            assertThat(story.condition("Verified").message()).contains(digest.toString(), "cyclonedx");
            assertThat(StoryWorld.NODES)
                    .allSatisfy(node -> assertThat(story.told(node)).isEmpty());

            Repository repository = story.rawRepository();
            ObjectNode bom = ModelBom.of(ModelReader.read(repository, repository.manifest(digest)));
            world.key().attestV2(repository, digest, AttestationType.CYCLONEDX.predicateType(), bom);

            story.awaitReady("1.0.0");
            assertThat(story.condition("Verified").message())
                    .contains(world.key().keyId(), "attested: cyclonedx");
            assertThat(StoryWorld.NODES.stream().flatMap(node -> story.told(node).stream()))
                    .isNotEmpty()
                    .allSatisfy(told -> assertThat(told.verify().attestations()).containsExactly("cyclonedx"));
        }
    }

    @Test
    void withoutKeysAModelIsServedOnceTheNamedIdentitySignedIt() {
        try (Story story = new Story(world, "keyless")) {
            var sigstore = new PrivateSigstore();
            story.secret("sigstore-root", "trusted_root.json", sigstore.trustedRoot());
            // By a key, which nobody asks for here.
            Digest digest = release(story);
            story.publisher().moveTags(Story.release("1.0.0", "jetson"));
            Map<String, ?> identity = Map.of(
                    "issuer",
                    PrivateSigstore.ISSUER,
                    "subjectRegExp",
                    "publisher@.*",
                    "trustedRoot",
                    Map.of("secretRef", Map.of("name", "sigstore-root")));
            story.apply(Map.of("tiers", List.of("jetson"), "verify", Map.of("keyless", identity)));
            story.awaitCondition("Ready", Status.False, "SignatureInvalid");
            assertThat(story.condition("Verified").message()).contains(digest.toString(), "it may be by a key");

            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            sigstore.sign(story.rawRepository(), digest, sigstore.login("intern@clinic.example", now));
            story.annotate(ApiGroup.RESOLVE_ANNOTATION, "intern");
            story.await(
                    "the intern is named",
                    () -> story.condition("Verified").message().contains("made out to 'intern@clinic.example'"));
            assertThat(StoryWorld.NODES)
                    .allSatisfy(node -> assertThat(story.told(node)).isEmpty());

            sigstore.sign(story.rawRepository(), digest, sigstore.login("publisher@clinic.example", now));
            story.awaitReady("1.0.0");
            assertThat(story.condition("Verified").message()).contains("signed by publisher@clinic.example");
            assertThat(StoryWorld.NODES.stream().flatMap(node -> story.told(node).stream()))
                    .isNotEmpty()
                    .allSatisfy(told ->
                            assertThat(told.verify().keyless().trustedRoot()).isEqualTo(sigstore.trustedRoot()));
        }
    }

    @Test
    void aManifestThatIsNotWhatItsDigestSaysIsNotBelieved() throws IOException {
        try (Story story = new Story(world, "forged-manifest")) {
            Digest digest = release(story);
            story.publisher().moveTags(Story.release("1.0.0", "jetson"));
            Path stored = world.world().registry().blob(digest.toString());
            String manifest = Files.readString(stored);
            Files.writeString(stored, manifest.replace("run-1.0.0", "run-6.6.6"));

            story.apply(Map.of("tiers", List.of("jetson"), "model.capabilities", List.of("cv3")));

            story.awaitCondition("Ready", Status.False, "IntegrityMismatch");
            assertThat(story.condition("Resolved").message()).contains(digest.toString());
        }
    }

    @Test
    void weightsThatChangedInTheRegistryAreServedNowhere() throws IOException {
        try (Story story = new Story(world, "changed-weights")) {
            Path stored = weights(story);
            byte[] bytes = Files.readAllBytes(stored);
            bytes[bytes.length / 2] ^= 1;
            Files.write(stored, bytes);
            story.apply(JETSON);
            story.awaitSettled(Phase.RolledBack, "1.0.0");
            assertThat(story.status().rollout().abortReason()).isEqualTo("IntegrityMismatch");
            assertThat(story.condition("Ready").message()).contains("sha256:");
            assertThat(story.condition("Available").status()).isEqualTo(Status.False);
        }
    }

    @Test
    void weightsThatEndTooEarlyAreServedNowhere() throws IOException {
        try (Story story = new Story(world, "truncated-weights")) {
            Path stored = weights(story);
            byte[] bytes = Files.readAllBytes(stored);
            Files.write(stored, Arrays.copyOf(bytes, bytes.length / 2));
            story.apply(Map.of("tiers", List.of("jetson"), "rollout.stageTimeout", "10s"));
            story.awaitSettled(Phase.RolledBack, "1.0.0");
            assertThat(story.condition("Available").status()).isEqualTo(Status.False);
            assertThat(story.condition("Ready").message()).contains("1.0.0 was turned back");
        }
    }

    @Test
    void anArchiveThatReachesOutOfItsFolderIsRefusedByTheNodes() {
        try (Story story = new Story(world, "reaches-out")) {
            Repository repository = story.rawRepository();
            Digest bad = RawManifest.like(repository, release(story))
                    .weights(Tar.of("../../reached-out.onnx", OnnxModels.scale(1, Story.shape())))
                    .push("cv3-jetson");
            world.key().signV2(repository, bad);
            story.apply(JETSON);
            story.awaitSettled(Phase.RolledBack, "1.0.0");
            assertThat(story.status().rollout().abortReason()).isEqualTo("InsecureArchive");
            assertThat(story.condition("Ready").message()).contains("reached-out.onnx");
            assertThat(story.status().quarantined()).singleElement().satisfies(q -> assertThat(q.digest())
                    .isEqualTo(bad.toString()));
        }
    }

    @Test
    void aFileThatIsNoModelFailsPreflight() {
        try (Story story = new Story(world, "no-model")) {
            var release = Story.release("1.0.0", "jetson");
            story.publisher().release(release, story.files("this is no ONNX file".getBytes(StandardCharsets.UTF_8)));
            story.publisher().moveTags(release);
            story.apply(JETSON);
            story.awaitSettled(Phase.RolledBack, "1.0.0");
            assertThat(story.status().rollout().abortReason()).isEqualTo("PreflightFailed");
            assertThat(story.condition("Ready").message()).contains("model.onnx");
        }
    }

    @Test
    void aCallerIsToldWhatIsWrongWithARequest() {
        try (Story story = new Story(world, "requests");
                VectorClient client = world.asks(StoryWorld.CLINIC_A, story);
                VectorClient nobody = world.asks(StoryWorld.CLINIC_A, "nobody-knows-it")) {
            release(story);
            story.publisher().moveTags(Story.release("1.0.0", "jetson"));
            story.apply(JETSON);
            story.awaitReady("1.0.0");

            assertThat(refusal(() -> client.send(new byte[12])))
                    .contains("INVALID_ARGUMENT", "input x", "must have 16 bytes, got 12");
            assertThat(refusal(() -> client.send(new byte[0]))).contains("INVALID_ARGUMENT", "16 bytes, got 0");
            assertThat(refusal(() -> nobody.send(new byte[16]))).contains("NOT_FOUND", "nobody-knows-it", "requests");
        }
    }

    private static String refusal(Runnable call) {
        try {
            call.run();
            return "answered";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
        }
    }

    private static Digest release(Story story) {
        return story.publisher()
                .release(Story.release("1.0.0", "jetson"), story.files(OnnxModels.scale(1, Story.shape())))
                .getFirst();
    }

    /** Releases a model; hands out where the registry keeps its weights. */
    private Path weights(Story story) {
        Digest digest = story.publisher()
                // Weights of its own: layers with the same content are in every node's cache already.
                .release(
                        Story.release("1.0.0", "jetson"),
                        story.files(OnnxModels.scale(story.name().hashCode(), Story.shape())))
                .getFirst();
        story.publisher().moveTags(Story.release("1.0.0", "jetson"));
        return world.world()
                .registry()
                .blob(RawManifest.like(story.rawRepository(), digest).layers().getFirst());
    }
}
