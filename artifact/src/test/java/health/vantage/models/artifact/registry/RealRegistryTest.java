package health.vantage.models.artifact.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.MetadataMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.pack.Compression;
import health.vantage.models.artifact.pack.ModelPacker;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.artifact.verify.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Against the registry that most people run. */
class RealRegistryTest {
    @TempDir
    static Path shared;

    private static RegistryProcess registry;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        registry = RegistryProcess.start(shared);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    private static Repository repository(TestInfo info) {
        return Models.open(registry.host() + "/"
                + info.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT) + "/retina-seg");
    }

    private Digest push(Repository repository, String version, String variant, String... tags) {
        return Models.push(repository, folder.resolve("work"), Models.metadata(version, variant, "cv3"), tags);
    }

    @Test
    void aModelGoesFromPackingToTheNode(TestInfo info) {
        Repository repository = repository(info);
        Digest jetson = push(repository, "2.4.1", "jetson", "cv3-jetson");
        Digest rtx = push(repository, "2.4.1", "rtx", "cv3-rtx");
        Signer signer = Signer.of(Keys.privatePem());
        signer.signV2(repository, jetson);
        signer.signV3(repository, rtx);

        var resolution =
                new Resolver().resolve(repository, new Selector.Capabilities(List.of("cv3")), List.of("jetson", "rtx"));
        assertThat(resolution.byVariant().get("jetson").digest()).isEqualTo(jetson);
        assertThat(resolution.byVariant().get("rtx").digest()).isEqualTo(rtx);

        var verifier = SignatureVerifier.of(List.of(signer.publicKeyPem()));
        assertThat(verifier.verify(repository, jetson).form()).isEqualTo(Verified.COSIGN_V2);
        assertThat(verifier.verify(repository, rtx).form()).isEqualTo(Verified.COSIGN_V3);

        var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
        cache.pull(repository, rtx, PullListener.NONE);
        assertThat(cache.verify(rtx).weights()).hasSize(2);
        assertThat(verifier.verify(cache.find(rtx).orElseThrow().evidence(), rtx)
                        .form())
                .isEqualTo(Verified.COSIGN_V3);
    }

    @Test
    void theSameModelHasTheSameDigestWhereverItIsPacked(TestInfo info) {
        var metadata = Models.metadata("2.4.1", "jetson", "cv3");
        Digest here = Models.push(repository(info), folder.resolve("here"), metadata);
        Digest there = Models.push(Models.layout(folder), folder.resolve("there"), metadata);
        assertThat(here).isEqualTo(there);
    }

    @Test
    void aReleaseHasOneIndexForAllVariants(TestInfo info) throws IOException {
        Repository repository = repository(info);
        Digest jetson = Models.release(repository, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"));
        Digest rtx = Models.release(repository, folder.resolve("work"), Models.metadata("2.4.1", "rtx", "cv3"));
        assertThat(repository.tags()).containsExactlyInAnyOrder("2.4.1", "2.4.1-jetson", "2.4.1-rtx");

        var resolution =
                new Resolver().resolve(repository, new Selector.VersionRange("~2.4"), List.of("jetson", "rtx"));
        assertThat(resolution.byVariant().get("jetson").digest()).isEqualTo(jetson);
        assertThat(resolution.byVariant().get("rtx").digest()).isEqualTo(rtx);

        Manifest.Index index = (Manifest.Index) repository.manifest("2.4.1").parsed();
        assertThat(index.manifests().getFirst().annotations())
                .containsEntry("health.vantage.model.variant", "jetson")
                .containsEntry("health.vantage.model.vramGB", "3.5")
                .containsEntry("health.vantage.model.precision", "fp16");

        var changed = Models.metadata("2.4.1", "jetson", "cv3", "int8");
        try (var packed =
                new ModelPacker(Compression.AUTO).pack(changed, Models.files(folder.resolve("w2"), changed))) {
            assertThatThrownBy(() -> new ModelPusher(repository).release(packed))
                    .isInstanceOf(AmbiguousTags.class)
                    .hasMessageContaining("A version never changes");
        }
    }

    @Test
    void aModelIsNotPushedUnderAnotherName(TestInfo info) {
        Repository wrong = Models.open(registry.host() + "/vantage/cell-count");
        assertThatThrownBy(() -> push(wrong, "2.4.1", "jetson")).isInstanceOf(MetadataMismatch.class);
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing(TestInfo info) {
        Repository repository = repository(info);
        assertThat(repository.tags()).isEmpty();
        assertThatThrownBy(() -> repository.manifest("nope"))
                .isInstanceOf(TagNotFound.class)
                .hasMessageContaining("'nope'");
        assertThatThrownBy(() -> repository.head("nope")).isInstanceOf(TagNotFound.class);
        Digest none = Digest.of("none".getBytes());
        assertThatThrownBy(() -> repository.manifest(none)).isInstanceOf(DigestNotFound.class);
        assertThatThrownBy(() -> repository.openBlob(Descriptor.of("x/y", none, 4), 0))
                .isInstanceOf(DigestNotFound.class);
        assertThat(repository.hasBlob(none)).isFalse();
        assertThat(repository.referrers(none)).isEmpty();
    }

    @Test
    void aDeletedManifestIsGone(TestInfo info) {
        Repository repository = repository(info);
        Digest digest = push(repository, "2.4.1", "jetson", "cv3-jetson");
        repository.deleteManifest(digest);
        assertThatThrownBy(() -> repository.manifest(digest)).isInstanceOf(DigestNotFound.class);
        assertThatThrownBy(() -> repository.manifest("cv3-jetson")).isInstanceOf(TagNotFound.class);
    }

    @Test
    void aBlobDamagedOnTheRegistrysDiskIsFound(TestInfo info) throws IOException {
        Repository repository = repository(info);
        Digest digest = push(repository, "3.1.4", "jetson");
        var head = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .get(1);
        Path file = registry.blobFile(head.digest().hex());
        byte[] bytes = Files.readAllBytes(file);
        bytes[1000] ^= 4;
        Files.write(file, bytes);
        var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining(head.digest().toString());
    }

    @Test
    void aLayerOfAnotherRepositoryIsMountedInsteadOfPushed(TestInfo info) {
        Repository from = repository(info);
        Digest digest = push(from, "2.4.1", "jetson");
        var layer =
                ((Manifest.Artifact) from.manifest(digest).parsed()).layers().getFirst();
        Repository to = Models.open(registry.host() + "/elsewhere/retina-seg");
        assertThat(to.hasBlob(layer.digest())).isFalse();
        assertThat(to.mount(layer.digest(), from.reference())).isTrue();
        assertThat(to.hasBlob(layer.digest())).isTrue();
        assertThat(to.mount(Digest.of("none".getBytes()), from.reference())).isFalse();
        assertThat(to.mount(layer.digest(), Reference.parse("other.example/x"))).isFalse();
    }

    @Test
    void tagsAreReadBeyondOnePage(TestInfo info) {
        Repository repository = repository(info);
        Digest digest = push(repository, "2.4.1", "jetson");
        FetchedManifest manifest = repository.manifest(digest);
        for (int i = 0; i < 120; i++) {
            repository.putManifest("t" + i, manifest.mediaType(), manifest.bytes());
        }
        assertThat(repository.tags()).hasSize(120);
    }

    @Test
    void referrersOfSeveralKindsAreListed(TestInfo info) {
        Repository repository = repository(info);
        Digest digest = push(repository, "2.4.1", "jetson");
        var pusher = new ModelPusher(repository);
        pusher.attach(digest, MediaTypes.CYCLONEDX, "{\"bomFormat\":\"CycloneDX\"}".getBytes());
        pusher.attach(digest, "application/vnd.example.note", "note".getBytes());
        Signer.of(Keys.privatePem()).signV3(repository, digest);
        assertThat(repository.referrers(digest))
                .extracting(d -> d.artifactType().orElse(""))
                .containsExactlyInAnyOrder(
                        MediaTypes.CYCLONEDX, "application/vnd.example.note", MediaTypes.SIGSTORE_BUNDLE);
    }

    @Test
    void userAndPasswordComeFromTheDockerConfig(TestInfo info) throws Exception {
        Path htpasswd = folder.resolve("htpasswd");
        var process = new ProcessBuilder("htpasswd", "-Bbc", htpasswd.toString(), "ada", "pass:word")
                .redirectErrorStream(true)
                .start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("htpasswd, of apache2-utils").isZero();
        var environment = Map.of(
                "REGISTRY_AUTH", "htpasswd",
                "REGISTRY_AUTH_HTPASSWD_REALM", "test",
                "REGISTRY_AUTH_HTPASSWD_PATH", htpasswd.toString());
        try (var guarded = RegistryProcess.start(folder, environment)) {
            String reference = guarded.host() + "/vantage/retina-seg";
            assertThatThrownBy(() -> push(Models.open(reference), "2.4.1", "jetson", "t"))
                    .isInstanceOf(RegistryDenied.class)
                    .hasMessageContaining("no credentials");

            dockerConfig(guarded.host(), "ada", "pass:word");
            Repository known = new Repositories(Models.options().withDockerConfig(folder.resolve("docker")))
                    .open(Reference.parse(reference));
            Digest digest = push(known, "2.4.1", "jetson", "t");
            assertThat(known.head("t")).isEqualTo(digest);

            dockerConfig(guarded.host(), "ada", "wrong");
            Repository wrong = new Repositories(Models.options().withDockerConfig(folder.resolve("docker")))
                    .open(Reference.parse(reference));
            assertThatThrownBy(() -> wrong.head("t"))
                    .isInstanceOf(RegistryDenied.class)
                    .hasMessageContaining("user 'ada'")
                    .hasMessageNotContaining("wrong");
        }
    }

    private void dockerConfig(String host, String user, String password) throws IOException {
        String auth = java.util.Base64.getEncoder().encodeToString((user + ":" + password).getBytes());
        Files.createDirectories(folder.resolve("docker"));
        Files.writeString(
                folder.resolve("docker/config.json"), "{\"auths\":{\"" + host + "\":{\"auth\":\"" + auth + "\"}}}");
    }
}
