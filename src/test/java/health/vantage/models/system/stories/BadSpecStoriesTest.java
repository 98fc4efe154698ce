package health.vantage.models.system.stories;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.runner.onnx.OnnxModels;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A deployment that asks for what cannot be: told at once, with the field that is wrong. */
@WithStoryWorld
class BadSpecStoriesTest {
    private final StoryWorld world;

    BadSpecStoriesTest(StoryWorld world) {
        this.world = world;
    }

    @Test
    void twoWaysOfChoosingAVersionAreRefused() {
        try (Story story = new Story(world, "two-ways")) {
            Map<String, ?> both = Map.of("model.digest", "sha256:" + "0".repeat(64));
            // API servers before 1.25 drop CEL rules without a word: then the operator says it.
            if (world.world().cluster().kubernetes().version().isAtLeast(25)) {
                assertThatThrownBy(() -> story.apply(both))
                        .isInstanceOf(KubernetesClientException.class)
                        .hasMessageContaining("spec.model")
                        .hasMessageContaining("set exactly one of");
            } else {
                story.apply(both);
                story.awaitCondition("Ready", Status.False, "InvalidSpec");
                assertThat(story.condition("Ready").message())
                        .contains("spec.model: set exactly one of capabilities, version and digest; 2 are set");
                assertThat(story.is("Stalled", Status.True, "InvalidSpec")).isTrue();
            }
        }
    }

    @Test
    void keysAndAnIdentityAtOnceAreRefused() {
        try (Story story = new Story(world, "two-signers")) {
            Map<String, ?> both =
                    Map.of("verify.keyless", Map.of("issuer", "https://issuer.example", "subject", "a@clinic.example"));
            if (world.world().cluster().kubernetes().version().isAtLeast(25)) {
                assertThatThrownBy(() -> story.apply(both))
                        .isInstanceOf(KubernetesClientException.class)
                        .hasMessageContaining("set exactly one of verify.publicKeys and verify.keyless");
            } else {
                story.apply(both);
                story.awaitCondition("Ready", Status.False, "InvalidSpec");
                assertThat(story.condition("Ready").message())
                        .contains("spec.verify: set exactly one of publicKeys and keyless");
            }
        }
    }

    @Test
    void aDurationThatIsNoneIsRefusedByTheApiServerWithItsPath() {
        try (Story story = new Story(world, "no-duration")) {
            assertThatThrownBy(() -> story.apply(Map.of("rollout.soak", "soon")))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("spec.rollout.soak");
        }
    }

    @Test
    void aTierThatDoesNotExistIsNamedBesideThoseThatDo() {
        try (Story story = new Story(world, "no-tier")) {
            story.apply(Map.of("tiers", List.of("jetson", "mainframe")));
            story.awaitCondition("Ready", Status.False, "UnknownTier");
            assertThat(story.condition("Ready").message())
                    .contains("spec.tiers: there is no ComputeTier mainframe; there are jetson, rtx");
        }
    }

    @Test
    void aTagThatDoesNotExistIsNamedBesideTheNearestAndFoundOnceItIsThere() {
        try (Story story = new Story(world, "no-tag")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.apply(Map.of("model.capabilities", List.of("cv4")));
            story.awaitCondition("Ready", Status.False, "TagNotFound");
            assertThat(story.condition("Resolved").message())
                    .contains("The tag 'cv4-jetson' does not exist", story.repository(), "did you mean 'cv3-jetson'");

            var next = Story.release("1.1.0").withCapabilities("cv3", "cv4");
            story.publisher().release(next, story.files(OnnxModels.scale(1, Story.shape())));
            story.publisher().moveTags(next);
            story.annotate(ApiGroup.RESOLVE_ANNOTATION, "now");
            story.awaitReady("1.1.0");
        }
    }

    @Test
    void twoArtifactsThatClaimTheSameCapabilitiesAreBothNamed() {
        try (Story story = new Story(world, "ambiguous")) {
            var older = Story.release("1.0.0").withCapabilities("cv3", "int8");
            var newer = Story.release("1.1.0").withCapabilities("cv3", "int8");
            Digest first = story.publisher()
                    .release(older, story.files(OnnxModels.scale(1, Story.shape())))
                    .getFirst();
            Digest second = story.publisher()
                    .release(newer, story.files(OnnxModels.scale(2, Story.shape())))
                    .getFirst();
            story.publisher().moveTags(older);
            new ModelPusher(story.rawRepository()).tag(second, "int8-jetson");

            story.apply(Map.of("model.capabilities", List.of("cv3", "int8")));

            story.awaitCondition("Ready", Status.False, "AmbiguousTags");
            assertThat(story.condition("Ready").message())
                    .contains("cv3-jetson", first.toString(), "1.0.0", "int8-jetson", second.toString(), "1.1.0");
        }
    }

    @Test
    void aSecretThatIsMissingIsNamedWithTheCommandThatMakesIt() {
        try (Story story = new Story(world, "no-secret")) {
            story.publish("1.0.0", OnnxModels.scale(1, Story.shape()));
            story.kubectl("delete", "secret", Story.SECRET);
            story.apply();
            story.awaitCondition("Ready", Status.False, "KeyMissing");
            assertThat(story.condition("Verified").message())
                    .contains(
                            "Secret " + story.namespace() + "/" + Story.SECRET + " does not exist",
                            "kubectl -n " + story.namespace() + " create secret generic " + Story.SECRET);

            story.trust(world.key());
            story.annotate(ApiGroup.RESOLVE_ANNOTATION, "now");
            story.awaitReady("1.0.0");
        }
    }

    @Test
    void aModelLargerThanEveryNodeIsNotPulledAnywhere() {
        try (Story story = new Story(world, "too-large")) {
            var large = Story.release("1.0.0").withVramGB(200);
            List<Digest> digests = story.publisher().release(large, story.files(OnnxModels.scale(1, Story.shape())));
            story.publisher().moveTags(large);
            List<String> layers = digests.stream()
                    .flatMap(digest -> RawManifest.like(story.rawRepository(), digest).layers().stream())
                    .toList();
            story.apply();

            story.awaitCondition("Ready", Status.False, "InsufficientVRAM");
            assertThat(story.condition("Placed").message())
                    .contains("tier jetson: 0 of 2 nodes can take it", "needs 204800 MiB", "5572 MiB usable");
            assertThat(story.status().plan()).hasSize(2).allSatisfy(tier -> assertThat(tier.fitting())
                    .isZero());
            assertThat(StoryWorld.NODES)
                    .allSatisfy(node -> assertThat(story.told(node)).isEmpty());
            assertThat(world.world().registry().accessLog())
                    .contains("/v2/stories/too-large/manifests/")
                    .doesNotContain(layers.stream()
                            .map(layer -> "\"GET /v2/stories/too-large/blobs/" + layer)
                            .toList());
        }
    }
}
