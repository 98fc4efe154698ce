package health.vantage.models.artifact.registry;

import static health.vantage.models.artifact.testing.StubRegistry.body;
import static health.vantage.models.artifact.testing.StubRegistry.cutOff;
import static health.vantage.models.artifact.testing.StubRegistry.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import health.vantage.models.artifact.testing.StubRegistry;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.artifact.verify.Verified;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A real registry as the origin; stubs as mirrors, because they have to lie, break and count. */
class MirrorsTest {
    @TempDir
    static Path shared;

    private static RegistryProcess origin;

    @TempDir
    Path folder;

    private StubRegistry mirror;
    private String path;
    private Repository direct;
    private Digest model;

    @BeforeAll
    static void startOrigin() throws IOException {
        origin = RegistryProcess.start(shared);
    }

    @AfterAll
    static void stopOrigin() {
        origin.close();
    }

    @BeforeEach
    void start(TestInfo info) throws IOException {
        mirror = new StubRegistry();
        path = info.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT) + "/retina-seg";
        direct = Models.open(origin.host() + "/" + path);
        model = Models.push(direct, folder.resolve("work"), Models.metadata("1.0.0", "jetson", "cv3"), "cv3-jetson");
    }

    @AfterEach
    void stop() {
        mirror.close();
    }

    private Repository through(String... mirrors) {
        return through(Models.options(), mirrors);
    }

    private Repository through(RegistryOptions options, String... mirrors) {
        return new Repositories(options.withMirrors(Map.of(origin.host(), List.of(mirrors))))
                .open(Reference.parse(origin.host() + "/" + path));
    }

    private String manifestAt(String prefix) {
        return "GET /v2/" + prefix + path + "/manifests/" + model;
    }

    private void serveManifest(StubRegistry by, String prefix) {
        FetchedManifest fetched = direct.manifest(model);
        by.on(manifestAt(prefix), body(200, fetched.bytes(), "Content-Type", fetched.mediaType()));
    }

    private Descriptor firstLayer() {
        return ((Manifest.Artifact) direct.manifest(model).parsed()).layers().getFirst();
    }

    private byte[] content(Descriptor layer) {
        return direct.smallBlob(layer, 1 << 20);
    }

    private String blobs(Descriptor layer) {
        return "GET /v2/" + path + "/blobs/" + layer.digest();
    }

    private void pullsWhole(Repository repository) {
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository, model, PullListener.NONE);
            assertThat(cache.verify(model).weights()).hasSize(2);
        }
    }

    @Test
    void aMirrorIsAskedFirstAndTheOriginForWhatItLacks() {
        serveManifest(mirror, "");
        pullsWhole(through(mirror.host()));
        assertThat(mirror.seen()).startsWith(manifestAt("")).contains(blobs(firstLayer()));
    }

    @Test
    void mirrorsAreAskedInTheirOrderAndBelowTheirPrefix() throws IOException {
        try (var second = new StubRegistry()) {
            serveManifest(second, "hub/");
            assertThat(through(mirror.host(), second.host() + "/hub")
                            .manifest(model)
                            .digest())
                    .isEqualTo(model);
            assertThat(mirror.seen()).containsExactly(manifestAt(""));
            assertThat(second.seen()).containsExactly(manifestAt("hub/"));
        }
    }

    @Test
    void aMirrorThatBreaksOffIsLeftWhereItBroke() {
        Descriptor layer = firstLayer();
        mirror.on(blobs(layer), cutOff(content(layer), 100_000), status(503));
        pullsWhole(through(mirror.host()));
        assertThat(mirror.seen()).contains(blobs(layer) + " bytes=100000-");
    }

    @Test
    void aMirrorThatGivesOtherBytesIsFoundOutAndTheOriginAsked() {
        Descriptor layer = firstLayer();
        byte[] other = content(layer);
        other[7777] ^= 1;
        mirror.on(blobs(layer), body(200, other));
        mirror.on(
                manifestAt(""), body(200, "{\"schemaVersion\":2}".getBytes(), "Content-Type", MediaTypes.OCI_MANIFEST));
        pullsWhole(through(mirror.host()));
        assertThat(mirror.seen().stream().filter(blobs(layer)::equals)).hasSize(1);
    }

    @Test
    void whatEveryPlaceDamagesIsRefused() throws IOException {
        Descriptor layer = firstLayer();
        byte[] other = Arrays.copyOf(content(layer), (int) layer.size());
        other[7777] ^= 1;
        mirror.on(blobs(layer), body(200, other));
        java.nio.file.Files.write(origin.blobFile(layer.digest().hex()), other);
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            assertThatThrownBy(() -> cache.pull(through(mirror.host()), model, PullListener.NONE))
                    .isInstanceOf(IntegrityMismatch.class)
                    .hasMessageContaining(layer.digest().toString());
        } finally {
            other[7777] ^= 1;
            java.nio.file.Files.write(origin.blobFile(layer.digest().hex()), other);
        }
    }

    @Test
    void aSignatureThatTheMirrorDoesNotHaveIsFoundAtTheOrigin() {
        serveManifest(mirror, "");
        Signer signer = Signer.of(Keys.privatePem());
        signer.signV3(direct, model);
        assertThat(SignatureVerifier.of(List.of(signer.publicKeyPem()))
                        .verify(through(mirror.host()), model)
                        .signer())
                .isEqualTo(signer.keyId());
    }

    /** The registry is away; a mirror has everything. */
    private Repository withTheOriginAway() {
        // Nothing listens on port 1 of the loopback.
        String away = "127.0.0.1:1";
        return new Repositories(Models.options().withMirrors(Map.of(away, List.of(origin.host()))))
                .open(Reference.parse(away + "/" + path));
    }

    @Test
    void aSignatureInTheFormOfCosign3IsFoundThoughNobodyCanSayWhetherThereIsOneOfCosign2() {
        Repository repository = withTheOriginAway();
        Signer signer = Signer.of(Keys.privatePem());
        SignatureVerifier verifier = SignatureVerifier.of(List.of(signer.publicKeyPem()));
        // Whether the model is signed at all, only the registry itself could say.
        assertThatThrownBy(() -> verifier.verify(repository, model)).isInstanceOf(RegistryUnavailable.class);
        signer.signV3(direct, model);
        pullsWhole(repository);
        assertThat(verifier.verify(repository, model).form()).isEqualTo(Verified.COSIGN_V3);
        List<AttestationType> bom = List.of(AttestationType.CYCLONEDX);
        assertThatThrownBy(() -> verifier.requireAttestations(repository, model, bom))
                .isInstanceOf(RegistryUnavailable.class);
        signer.attestV3(
                direct,
                model,
                AttestationType.CYCLONEDX.predicateType(),
                Json.newObject().put("a", "b"));
        assertThat(verifier.requireAttestations(repository, model, bom)).hasSize(1);
    }

    @Test
    void aMirrorServesEverythingWhileTheOriginIsAway() {
        Repository repository = withTheOriginAway();
        Signer signer = Signer.of(Keys.privatePem());
        signer.signV2(direct, model);
        pullsWhole(repository);
        assertThat(repository.tags()).contains("cv3-jetson");
        assertThat(repository.head("cv3-jetson")).isEqualTo(model);
        assertThat(SignatureVerifier.of(List.of(signer.publicKeyPem()))
                        .verify(repository, model)
                        .signer())
                .isEqualTo(signer.keyId());
        // The mirror lacks it; only the registry itself could say whether it exists.
        assertThatThrownBy(() -> repository.head("nowhere")).isInstanceOf(RegistryUnavailable.class);
    }

    @Test
    void aMirrorThatIsAwayIsNotAskedAtEveryQuestion() {
        mirror.on(manifestAt(""), status(503));
        Repository repository = through(mirror.host());
        for (int i = 0; i < 5; i++) {
            assertThat(repository.manifest(model).digest()).isEqualTo(model);
        }
        assertThat(mirror.seen()).hasSize(1);
    }

    @Test
    void aMissingTagIsMissingWhateverTheMirrorSays() {
        mirror.on("GET /v2/" + path + "/manifests/nope", status(500));
        assertThatThrownBy(() -> through(mirror.host()).manifest("nope"))
                .isInstanceOf(TagNotFound.class)
                .hasMessageContaining(origin.host());
    }

    @Test
    void eachHostGetsItsOwnCredentialsAndWhatIsPushedGoesToTheOrigin() {
        String auths = "{\"auths\":{\"%s\":{\"auth\":\"%s\"},\"%s\":{\"auth\":\"%s\"}}}"
                .formatted(mirror.host(), base64("mirror:m-secret"), origin.host(), base64("origin:o-secret"));
        var options = Models.options().withCredentials(DockerConfig.of(auths.getBytes()));
        FetchedManifest fetched = direct.manifest(model);
        mirror.on(
                manifestAt(""),
                status(401, "WWW-Authenticate", "Basic realm=\"mirror\""),
                body(200, fetched.bytes(), "Content-Type", fetched.mediaType()));
        Repository repository = through(options, mirror.host());
        assertThat(repository.manifest(model).digest()).isEqualTo(model);
        assertThat(mirror.authorizations()).containsExactly("null", "Basic " + base64("mirror:m-secret"));

        repository.putManifest("again", fetched.mediaType(), fetched.bytes());
        assertThat(direct.head("again")).isEqualTo(model);
        assertThat(mirror.seen()).noneMatch(request -> request.startsWith("PUT") || request.startsWith("POST"));
    }

    @Test
    void aMirrorThatIsNoHostIsRefusedAtOnce() {
        assertThatThrownBy(() -> through("https://mirror.local"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'https://mirror.local'");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes());
    }
}
