package health.vantage.models.artifact.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Platform;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.testing.Models;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model as a container image, beside itself. */
class ImageTwinTest {
    @TempDir
    Path folder;

    private Repository repository;
    private ModelPusher pusher;
    private final ModelMetadata metadata = Models.metadata("2.4.1", "jetson", "cv3");

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
        pusher = new ModelPusher(repository);
    }

    private Digest release(ModelMetadata of) {
        return Models.release(repository, folder.resolve("work"), of);
    }

    private Manifest.Index twin(String tag) {
        return (Manifest.Index) repository.manifest(tag).parsed();
    }

    private Manifest.Artifact image(Descriptor entry) {
        return (Manifest.Artifact) repository.manifest(entry.digest()).parsed();
    }

    @Test
    void itHasTheModelsOwnLayersForEveryPlatform() {
        Digest digest = release(metadata);
        pusher.image(digest, List.of("2.4.1-jetson"));

        var model = (Manifest.Artifact) repository.manifest(digest).parsed();
        Manifest.Index twin = twin("2.4.1-jetson-oci");
        assertThat(twin.annotations()).containsEntry(ImageTwin.TWIN_OF, digest.toString());
        assertThat(twin.manifests())
                .extracting(entry -> entry.platform().orElseThrow())
                .containsExactly(Platform.linux("amd64"), Platform.linux("arm64"));
        for (Descriptor entry : twin.manifests()) {
            Manifest.Artifact image = image(entry);
            assertThat(image.layers())
                    .extracting(Descriptor::digest)
                    .containsExactlyElementsOf(
                            model.layers().stream().map(Descriptor::digest).toList());
            assertThat(image.layers())
                    .extracting(Descriptor::mediaType)
                    .containsOnly(MediaTypes.OCI_LAYER_TAR, MediaTypes.OCI_LAYER_ZSTD);
            assertThat(image.config().mediaType()).isEqualTo(MediaTypes.OCI_CONFIG);
        }
    }

    @Test
    void itsDiffIdsAreWhatTheLayersUnpackTo() {
        pusher.image(release(metadata), List.of("2.4.1-jetson"));
        Manifest.Artifact image = image(twin("2.4.1-jetson-oci").manifests().getLast());
        var config = Json.object(repository.smallBlob(image.config(), 1 << 20));
        assertThat(config.path("architecture").asText()).isEqualTo("arm64");
        var ids = new ArrayList<String>();
        config.at("/rootfs/diff_ids").forEach(id -> ids.add(id.asText()));
        var unpacked = image.layers().stream()
                .map(layer -> {
                    byte[] blob = repository.smallBlob(layer, 1 << 20);
                    boolean zstd = layer.mediaType().equals(MediaTypes.OCI_LAYER_ZSTD);
                    return Digest.of(zstd ? Zstd.decompress(blob, 1 << 20) : blob)
                            .toString();
                })
                .toList();
        assertThat(image.layers()).extracting(Descriptor::mediaType).contains(MediaTypes.OCI_LAYER_ZSTD);
        assertThat(ids).isEqualTo(unpacked);
    }

    @Test
    void theSameModelHasTheSameTwinWhereverItIsMade() {
        Digest here = pusher.image(release(metadata), List.of());
        Repository elsewhere = Models.open("oci:" + folder.resolve("elsewhere/retina-seg"));
        Digest model = Models.release(elsewhere, folder.resolve("other-work"), metadata);
        assertThat(new ModelPusher(elsewhere).image(model, List.of("x"))).isEqualTo(here);
    }

    @Test
    void alsoAloneItIsAModelThatANodeCanPull() {
        pusher.image(release(metadata), List.of("2.4.1-jetson"));
        Digest image = twin("2.4.1-jetson-oci").manifests().getFirst().digest();
        ModelArtifact read = ModelReader.read(repository, repository.manifest(image));
        assertThat(read.metadata()).isEqualTo(metadata);
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository, image, PullListener.NONE);
            assertThat(cache.verify(image).folder().resolve("models/backbone.onnx"))
                    .hasBinaryContent(Models.noise(1, 300_000));
        }
    }

    @Test
    void resolvingDoesNotSeeTwins() {
        Digest digest = release(metadata);
        pusher.promote(digest);
        pusher.image(digest, List.of("2.4.1-jetson", "cv3-jetson"));
        assertThat(repository.tags()).contains("2.4.1-jetson-oci", "cv3-jetson-oci");
        // A range that takes prereleases would take 2.4.1-jetson-oci for one.
        for (Selector selector : List.of(
                new Selector.VersionRange(">=2.4.1-a"),
                new Selector.VersionRange("*"),
                new Selector.Capabilities(List.of("cv3")))) {
            var resolution = new Resolver().resolve(repository, selector, List.of("jetson"));
            assertThat(resolution.byVariant().get("jetson").digest()).isEqualTo(digest);
        }
    }

    @Test
    void aTagThatMovesTakesItsTwinAlong() {
        Digest first = release(metadata);
        pusher.promote(first);
        pusher.image(first, List.of("cv3-jetson"));
        assertThat(twin("cv3-jetson-oci").annotations()).containsEntry(ImageTwin.TWIN_OF, first.toString());

        Digest second = release(Models.metadata("2.5.0", "jetson", "cv3"));
        pusher.promote(second);
        assertThat(twin("cv3-jetson-oci").annotations()).containsEntry(ImageTwin.TWIN_OF, second.toString());
        pusher.tag(first, "cv3-jetson");
        assertThat(twin("cv3-jetson-oci").annotations()).containsEntry(ImageTwin.TWIN_OF, first.toString());
        assertThat(repository.tags()).doesNotContain("2.5.0-jetson-oci");
    }

    private Digest modelWith(Descriptor layer, byte[] blob, String config) {
        byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
        Descriptor configDescriptor = Descriptor.of(MediaTypes.MODEL_CONFIG, bytes);
        repository.putBlob(configDescriptor, BlobSource.of(bytes));
        repository.putBlob(layer, BlobSource.of(blob));
        byte[] manifest = Manifest.Artifact.of(
                        MediaTypes.MODEL_MANIFEST,
                        configDescriptor,
                        List.of(layer),
                        Map.of(ModelMetadata.ANNOTATION, new String(metadata.canonicalJson(), StandardCharsets.UTF_8)))
                .toBytes();
        return repository.putManifest("odd", MediaTypes.OCI_MANIFEST, manifest);
    }

    @Test
    void whatNoImageCanHoldIsRefusedAndNothingIsTagged() {
        byte[] blob = Models.noise(3, 100);
        Digest raw = modelWith(Descriptor.of(MediaTypes.MODEL_WEIGHT + ".raw", blob), blob, "{}");
        assertThatThrownBy(() -> pusher.image(raw, List.of("odd")))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContainingAll("without a tar", "without --image");
        byte[] zstd = Zstd.compress(blob);
        Digest silent = modelWith(Descriptor.of(MediaTypes.MODEL_WEIGHT + ".tar+zstd", zstd), zstd, "{}");
        assertThatThrownBy(() -> pusher.image(silent, List.of("odd")))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("does not say what");
        assertThat(repository.tags()).containsExactly("odd");
    }
}
