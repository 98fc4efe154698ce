package health.vantage.models.artifact.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import health.vantage.models.artifact.ArtifactException.MetadataMismatch;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Selector.Capabilities;
import health.vantage.models.artifact.resolve.Selector.Pinned;
import health.vantage.models.artifact.resolve.Selector.VersionRange;
import health.vantage.models.artifact.testing.Models;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResolverTest {
    @TempDir
    Path folder;

    private Repository repository;
    private final Resolver resolver = new Resolver();

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
    }

    private Digest push(String version, String variant, List<String> capabilities, String... tags) {
        ModelMetadata metadata = Models.metadata(version, variant, capabilities.toArray(String[]::new));
        return Models.push(repository, folder.resolve("work"), metadata, tags);
    }

    private Digest release(String version, String variant) {
        return Models.release(repository, folder.resolve("work"), Models.metadata(version, variant, "cv3"));
    }

    private Resolution byCapabilities(List<String> capabilities, String... variants) {
        return resolver.resolve(repository, new Capabilities(capabilities), List.of(variants));
    }

    private Resolution byRange(String range, String... variants) {
        return resolver.resolve(repository, new VersionRange(range), List.of(variants));
    }

    @Test
    void capabilitiesLeadToTheArtifactOfEachVariant() {
        Digest jetson = push("2.4.1", "jetson", List.of("cv3", "int8"), "cv3-jetson", "int8-jetson");
        Digest rtx = push("2.4.1", "rtx", List.of("cv3", "int8"), "cv3-rtx", "int8-rtx");

        Resolution resolution = byCapabilities(List.of("cv3", "int8"), "rtx", "jetson");

        assertThat(resolution.version()).isEqualTo("2.4.1");
        assertThat(resolution.byVariant()).containsOnlyKeys("jetson", "rtx");
        assertThat(resolution.byVariant().get("rtx").digest()).isEqualTo(rtx);
        ResolvedArtifact artifact = resolution.byVariant().get("jetson");
        assertThat(artifact.digest()).isEqualTo(jetson);
        assertThat(artifact.tag()).contains("cv3-jetson");
        assertThat(artifact.metadata().model().vramMiB()).isEqualTo(3584);
        assertThat(artifact.sizeBytes()).isBetween(340_000L, 400_000L);
    }

    @Test
    void theArtifactWithAllCapabilitiesWinsOverOneThatHasSome() {
        push("2.4.1", "jetson", List.of("cv3"), "cv3-jetson");
        Digest both = push("2.4.1", "jetson", List.of("cv3", "int8"), "int8-jetson");

        assertThat(byCapabilities(List.of("cv3", "int8"), "jetson")
                        .byVariant()
                        .get("jetson")
                        .digest())
                .isEqualTo(both);
    }

    @Test
    void twoArtifactsThatBothHaveAllCapabilitiesAreAmbiguous() {
        Digest one = push("2.4.1", "jetson", List.of("cv3", "int8"), "cv3-jetson");
        Digest other = push("2.4.2", "jetson", List.of("cv3", "int8"), "int8-jetson");

        assertThatThrownBy(() -> byCapabilities(List.of("cv3", "int8"), "jetson"))
                .isInstanceOf(AmbiguousTags.class)
                .hasMessageContainingAll(
                        one.toString(), other.toString(), "cv3-jetson is 2.4.1", "int8-jetson is 2.4.2");
    }

    @Test
    void anIndexWithTwoManifestsForOneVariantIsAmbiguous() {
        Digest one = push("2.4.1", "jetson", List.of("cv3"));
        Digest other = push("2.4.1", "jetson", List.of("cv3", "int8"));
        index("cv3-jetson", one, other);

        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "jetson"))
                .isInstanceOf(AmbiguousTags.class)
                .hasMessageContainingAll(one.toString(), other.toString());
    }

    private Digest index(String tag, Digest... manifests) {
        List<Descriptor> entries = java.util.Arrays.stream(manifests)
                .map(d -> repository.manifest(d).descriptor())
                .toList();
        return repository.putManifest(
                tag, MediaTypes.OCI_INDEX, Manifest.Index.of(entries, Map.of()).toBytes());
    }

    @Test
    void aMissingTagIsNamedWithTagsLikeIt() {
        push("2.4.1", "jetson", List.of("cv3"), "cv3-jetson", "cv3-jetsom");
        push("2.4.1", "rtx", List.of("cv3"), "cv3-rtx");

        TagNotFound e =
                catchThrowableOfType(TagNotFound.class, () -> byCapabilities(List.of("cv3"), "jetson", "rtx", "dgx"));

        assertThat(e.tag()).isEqualTo("cv3-dgx");
        assertThat(e.near()).contains("cv3-rtx");
        assertThat(e).hasMessageContainingAll("'cv3-dgx' does not exist in oci:", "did you mean", "'cv3-rtx'");
        assertThat(e.reason()).isEqualTo("TagNotFound");
    }

    @Test
    void aTagThatDoesNotExistInAnEmptyRepositoryIsNamedToo() {
        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "jetson"))
                .isInstanceOf(TagNotFound.class)
                .hasMessageContaining("'cv3-jetson'");
    }

    @Test
    void aTagMovedToAModelWithoutTheCapabilityIsRefused() {
        Digest old = push("1.0.0", "jetson", List.of("cv1"), "cv3-jetson");

        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "jetson"))
                .isInstanceOf(MetadataMismatch.class)
                .hasMessageContainingAll(
                        "cv3-jetson", old.toString(), "does not list the capability 'cv3' (it has cv1)");
    }

    @Test
    void aTagMovedToAnotherVariantIsRefused() {
        push("1.0.0", "rtx", List.of("cv3"), "cv3-jetson");

        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "jetson"))
                .isInstanceOf(MetadataMismatch.class)
                .hasMessageContaining("is the variant 'rtx', not 'jetson'");
    }

    @Test
    void aTagMovedToAnotherModelIsRefused() {
        Repository other = Models.open("oci:" + folder.resolve("other-model"));
        Digest digest = push("1.0.0", "jetson", List.of("cv3"), "cv3-jetson");
        var fetched = repository.manifest(digest);
        other.putManifest("cv3-jetson", fetched.mediaType(), fetched.bytes());

        assertThatThrownBy(() -> resolver.resolve(other, new Capabilities(List.of("cv3")), List.of("jetson")))
                .isInstanceOf(MetadataMismatch.class)
                .hasMessageContaining("is the model 'retina-seg', not 'other-model'");
    }

    @Test
    void variantsAtDifferentVersionsAreNotRolledOut() {
        push("2.4.1", "jetson", List.of("cv3"), "cv3-jetson");
        push("2.4.0", "rtx", List.of("cv3"), "cv3-rtx");

        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "jetson", "rtx"))
                .isInstanceOf(AmbiguousTags.class)
                .hasMessageContaining("cv3-jetson is 2.4.1, cv3-rtx is 2.4.0")
                .hasMessageContaining("then they are rolled out together");
    }

    @Test
    void invalidMetadataIsReportedByItsPath() {
        String json = new String(Models.metadata("1.0.0", "jetson", "cv3").canonicalJson(), StandardCharsets.UTF_8);
        byte[] config = "{}".getBytes();
        Descriptor descriptor = Descriptor.of(MediaTypes.MODEL_CONFIG, config);
        repository.putBlob(descriptor, BlobSource.of(config));
        var manifest = Manifest.Artifact.of(
                MediaTypes.MODEL_MANIFEST,
                descriptor,
                List.of(),
                Map.of(ModelMetadata.ANNOTATION, json.replace("\"vramGB\":3.5", "\"vramGB\":-1")));
        repository.putManifest("cv3-jetson", MediaTypes.OCI_MANIFEST, manifest.toBytes());

        InvalidMetadata e = catchThrowableOfType(InvalidMetadata.class, () -> byCapabilities(List.of("cv3"), "jetson"));
        assertThat(e.problems()).containsExactly("$.model.vramGB: must be > 0, is -1");
        assertThat(e).hasMessageContaining("retina-seg@sha256:");
    }

    @Test
    void anArtifactThatIsNotAModelIsSaidToBeSo() {
        byte[] config = "{}".getBytes();
        Descriptor descriptor = Descriptor.of("application/vnd.example+json", config);
        repository.putBlob(descriptor, BlobSource.of(config));
        var manifest = Manifest.Artifact.of("application/vnd.example", descriptor, List.of(), Map.of());
        repository.putManifest("cv3-jetson", MediaTypes.OCI_MANIFEST, manifest.toBytes());

        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "jetson"))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("is not a model");
    }

    @Test
    void theNewestVersionInTheRangeIsTaken() {
        release("2.4.0", "jetson");
        Digest newest = release("2.4.10", "jetson");
        release("2.4.9", "jetson");
        release("2.5.0", "jetson");
        release("2.4.11-rc.1", "jetson");
        push("9.9.9", "jetson", List.of("cv3"), "cv3-jetson", "sha256-" + "0".repeat(64), "2.4.12-unknown");

        Resolution resolution = byRange("~2.4", "jetson");

        assertThat(resolution.version()).isEqualTo("2.4.10");
        assertThat(resolution.byVariant().get("jetson").digest()).isEqualTo(newest);
    }

    @Test
    void aVersionWithoutEveryVariantIsPassedOver() {
        release("2.4.0", "jetson");
        release("2.4.0", "rtx");
        release("2.4.1", "jetson");

        assertThat(byRange("^2.4", "jetson", "rtx").version()).isEqualTo("2.4.0");
        assertThat(byRange("^2.4", "jetson").version()).isEqualTo("2.4.1");
    }

    @Test
    void whenNoVersionHasEveryVariantTheMissingOnesAreNamed() {
        release("2.4.0", "rtx");
        release("2.4.1", "jetson");

        assertThatThrownBy(() -> byRange("^2.4", "jetson", "rtx"))
                .isInstanceOf(TagNotFound.class)
                .hasMessageContainingAll("2.4.1 lacks rtx", "2.4.0 lacks jetson");
    }

    @Test
    void aVersionPublishedOnlyByAliasesIsFound() {
        Digest jetson = push("2.4.1", "jetson", List.of("cv3"), "2.4.1-jetson");
        assertThat(byRange("2.4.1", "jetson").byVariant().get("jetson").digest())
                .isEqualTo(jetson);
    }

    @Test
    void aPrereleaseIsTakenOnlyByARangeThatNamesOne() {
        release("3.0.0-rc.2", "jetson");
        assertThatThrownBy(() -> byRange(">=2", "jetson")).isInstanceOf(TagNotFound.class);
        assertThat(byRange(">=3.0.0-rc.1", "jetson").version()).isEqualTo("3.0.0-rc.2");
    }

    @Test
    void anAliasThatContradictsTheReleaseIndexIsAmbiguous() {
        release("2.4.1", "jetson");
        push("2.4.1", "jetson", List.of("cv3", "other"), "2.4.1-jetson");

        assertThatThrownBy(() -> byRange("~2.4", "jetson"))
                .isInstanceOf(AmbiguousTags.class)
                .hasMessageContaining("the release index '2.4.1'");
    }

    @Test
    void aVersionTagMovedToAnotherVersionIsRefused() {
        push("1.0.0", "jetson", List.of("cv3"), "2.4.1-jetson");

        assertThatThrownBy(() -> byRange("~2.4", "jetson"))
                .isInstanceOf(MetadataMismatch.class)
                .hasMessageContainingAll("'2.4.1-jetson'", "says retina-seg 1.0.0 for jetson");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "garbage", "latest", "~~2", "$(x)"})
    void whatIsNotARangeIsRefused(String range) {
        assertThatThrownBy(() -> new VersionRange(range))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a version range");
    }

    @ParameterizedTest
    @CsvSource({"~2.4", "^2.4.1", "2.x", "'>=2.0 <3'", "*", "2.4.1", "1.2.3 - 2", "'^2 || ^3'"})
    void usualRangesAreTaken(String range) {
        assertThat(new VersionRange(range).range()).isEqualTo(range);
    }

    @Test
    void aPinnedManifestIsOneVariant() {
        Digest jetson = push("2.4.1", "jetson", List.of("cv3"));

        Resolution resolution = resolver.resolve(repository, new Pinned(jetson), List.of("jetson"));
        assertThat(resolution.byVariant().get("jetson").tag()).isEmpty();
        assertThat(resolution.version()).isEqualTo("2.4.1");
        assertThatThrownBy(() -> resolver.resolve(repository, new Pinned(jetson), List.of("rtx")))
                .isInstanceOf(MetadataMismatch.class)
                .hasMessageContaining("is the variant 'jetson'");
    }

    @Test
    void aPinnedIndexHasEveryVariant() {
        Digest jetson = release("2.4.1", "jetson");
        Digest rtx = release("2.4.1", "rtx");
        Digest index = repository.head("2.4.1");

        Resolution resolution = resolver.resolve(repository, new Pinned(index), List.of("jetson", "rtx"));
        assertThat(resolution.byVariant().get("jetson").digest()).isEqualTo(jetson);
        assertThat(resolution.byVariant().get("rtx").digest()).isEqualTo(rtx);
        assertThatThrownBy(() -> resolver.resolve(repository, new Pinned(index), List.of("dgx")))
                .isInstanceOf(MetadataMismatch.class)
                .hasMessageContaining("an index without that variant");
    }

    @Test
    void variantsMustBeAbleToEndATag() {
        assertThatThrownBy(() -> byCapabilities(List.of("cv3"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "a b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> byCapabilities(List.of("cv3"), "a", "a")).hasMessageContaining("twice");
    }

    @Test
    void aResolutionSaysWhatLedToItAndWhatNewerWasPassedOver() {
        release("2.4.1", "jetson");
        release("2.4.1", "rtx");
        release("2.4.2", "jetson");
        release("2.5.0", "jetson");
        push("3.0.0", "jetson", List.of("cv3", "int8"), "cv3-jetson");
        assertThat(byRange("~2.4", "jetson", "rtx").why())
                .containsExactly("2.4.2 lacks rtx", "2.4.1 is the newest of 2 in the range '~2.4' with every variant");
        assertThat(byCapabilities(List.of("cv3"), "jetson").why())
                .containsExactly("for jetson the tag 'cv3-jetson' leads to 3.0.0, whose metadata lists cv3, int8");
    }
}
