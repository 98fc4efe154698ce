package health.vantage.models.artifact.registry;

import static health.vantage.models.artifact.testing.StubRegistry.body;
import static health.vantage.models.artifact.testing.StubRegistry.cutOff;
import static health.vantage.models.artifact.testing.StubRegistry.ranged;
import static health.vantage.models.artifact.testing.StubRegistry.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real registry cannot be made to do is done by a stub here: outages, lies and half answers. */
class OddAnswersTest {
    private static final String PATH = "/v2/vantage/retina-seg";
    private static final byte[] MANIFEST = Manifest.Artifact.of(
                    null, Descriptor.of(MediaTypes.OCI_EMPTY, "{}".getBytes()), List.of(), Map.of())
            .toBytes();
    private static final Digest DIGEST = Digest.of(MANIFEST);

    @TempDir
    Path folder;

    private StubRegistry stub;
    private Repository repository;

    @BeforeEach
    void start() throws IOException {
        stub = new StubRegistry();
        repository = Models.open(stub.host() + "/vantage/retina-seg");
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static StubRegistry.Answer manifest(byte[] bytes, String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = MediaTypes.OCI_MANIFEST;
        return body(200, bytes, all);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504, 429})
    void aRegistryThatIsOverloadedForAMomentIsAskedAgain(int status) {
        stub.on("GET " + PATH + "/manifests/t", status(status), status(status), manifest(MANIFEST));
        assertThat(repository.manifest("t").digest()).isEqualTo(DIGEST);
        assertThat(stub.seen()).hasSize(3);
    }

    @Test
    void aRegistryThatStaysAwayIsUnavailable() {
        byte[] error = "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"service\\nunavailable\"}]}".getBytes();
        stub.on("GET " + PATH + "/manifests/t", body(503, error));
        assertThatThrownBy(() -> repository.manifest("t"))
                .isInstanceOf(RegistryUnavailable.class)
                .hasMessageContainingAll(stub.host(), "503", "UNAVAILABLE service unavailable", "tried 3 times");
    }

    @Test
    void retryAfterIsHonouredInSecondsAndAsADate() {
        stub.on("GET " + PATH + "/manifests/t", status(429, "Retry-After", "1"), manifest(MANIFEST));
        long start = System.nanoTime();
        repository.manifest("t");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(990));

        Instant in90s = Instant.now().plusSeconds(90);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(in90s.atZone(ZoneOffset.UTC));
        stub.on("GET " + PATH + "/manifests/t", status(503, "Retry-After", date));
        RegistryUnavailable e = catchThrowableOfType(RegistryUnavailable.class, () -> repository.manifest("t"));
        assertThat(e.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(80), Duration.ofSeconds(90));
    }

    @Test
    void aPauseLongerThanWeWaitIsHandedToTheCaller() {
        stub.on("GET " + PATH + "/manifests/t", status(429, "Retry-After", "3600"));
        RegistryUnavailable e = catchThrowableOfType(RegistryUnavailable.class, () -> repository.manifest("t"));
        assertThat(e.retryAfter()).contains(Duration.ofHours(1));
        assertThat(stub.seen()).hasSize(1);
    }

    @Test
    void nobodyListeningIsUnavailable() {
        stub.close();
        assertThatThrownBy(() -> repository.manifest("t"))
                .isInstanceOf(RegistryUnavailable.class)
                .hasMessageContaining("cannot be reached");
    }

    @Test
    void aManifestThatIsNotWhatWasAskedForIsRefused() {
        Digest other = Digest.of("other".getBytes());
        stub.on("GET " + PATH + "/manifests/" + other, manifest(MANIFEST));
        assertThatThrownBy(() -> repository.manifest(other))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContainingAll(other.toString(), DIGEST.toString());
    }

    @Test
    void aManifestThatIsNotWhatTheRegistryClaimsIsRefused() {
        stub.on(
                "GET " + PATH + "/manifests/t",
                manifest(
                        MANIFEST,
                        "Docker-Content-Digest",
                        Digest.of("x".getBytes()).toString()));
        assertThatThrownBy(() -> repository.manifest("t"))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining("as the registry says");
    }

    @Test
    void aCutOffManifestIsNotRead() {
        stub.on("GET " + PATH + "/manifests/t", cutOff(MANIFEST, 100));
        assertThatThrownBy(() -> repository.manifest("t")).isInstanceOf(RegistryUnavailable.class);
    }

    @Test
    void anEndlessManifestIsNotRead() {
        stub.on("GET " + PATH + "/manifests/t", manifest(new byte[5 << 20]));
        assertThatThrownBy(() -> repository.manifest("t")).isInstanceOf(UnsupportedArtifact.class);
    }

    @Test
    void aManifestServedUnderAnotherTypeIsRefused() {
        stub.on("GET " + PATH + "/manifests/t", body(200, MANIFEST, "Content-Type", MediaTypes.OCI_INDEX));
        assertThatThrownBy(() -> repository.manifest("t"))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("was served as");
    }

    @Test
    void aDigestMissingFromTheHeadIsComputed() {
        stub.on("HEAD " + PATH + "/manifests/t", status(200));
        stub.on("GET " + PATH + "/manifests/t", manifest(MANIFEST));
        assertThat(repository.head("t")).isEqualTo(DIGEST);
        assertThatThrownBy(() -> repository.head("missing")).isInstanceOf(TagNotFound.class);
    }

    @Test
    void refusalsAreDenied() {
        stub.on("GET " + PATH + "/manifests/t", status(403));
        assertThatThrownBy(() -> repository.manifest("t"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("403");
        assertThat(stub.seen()).hasSize(1);
        stub.on("GET " + PATH + "/manifests/u", status(401, "WWW-Authenticate", "Basic realm=\"x\""));
        assertThatThrownBy(() -> repository.manifest("u"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("no credentials");
    }

    @Test
    void tagsAreReadOverAllPagesAndCirclesEnd() {
        stub.on(
                "GET " + PATH + "/tags/list",
                body(
                        200,
                        "{\"tags\":[\"b\",\"a\"]}".getBytes(),
                        "Link",
                        "<" + PATH + "/tags/list?n=2&last=b>; rel=\"next\""),
                body(
                        200,
                        "{\"tags\":[\"c\",\"../x\"]}".getBytes(),
                        "Link",
                        "</v2/vantage/retina-seg/tags/list?n=1000>; rel=next"),
                body(200, "{\"tags\":[\"never\"]}".getBytes()));
        assertThat(repository.tags()).containsExactly("b", "a", "c");
    }

    @Test
    void theNextPageIsNotFetchedFromAStranger() {
        stub.on(
                "GET " + PATH + "/tags/list",
                body(200, "{\"tags\":[]}".getBytes(), "Link", "<http://127.0.0.2:1/steal>; rel=\"next\""));
        assertThatThrownBy(() -> repository.tags())
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("127.0.0.2");
    }

    @Test
    void theReferrersApiAndTheFallbackTagAreMerged() {
        Descriptor viaApi =
                Descriptor.of(MediaTypes.OCI_MANIFEST, "a".getBytes()).withArtifactType("x");
        Descriptor viaTag = Descriptor.of(MediaTypes.OCI_MANIFEST, "b".getBytes());
        byte[] api = Manifest.Index.of(List.of(viaApi), Map.of()).toBytes();
        byte[] tag = Manifest.Index.of(List.of(viaTag, viaApi), Map.of()).toBytes();
        stub.on("GET " + PATH + "/referrers/" + DIGEST, body(200, api, "Content-Type", MediaTypes.OCI_INDEX));
        stub.on(
                "GET " + PATH + "/manifests/sha256-" + DIGEST.hex(),
                body(200, tag, "Content-Type", MediaTypes.OCI_INDEX));
        assertThat(repository.referrers(DIGEST)).containsExactly(viaApi, viaTag);
    }

    // ---- credentials ----

    private Repository as(Credential credential) {
        return new Repositories(Models.options().withCredentials((host, path) -> java.util.Optional.of(credential)))
                .open(repository.reference());
    }

    @Test
    void aBearerTokenIsFetchedOncePerScopeAndUsedAgain() {
        String challenge = "Bearer realm=\"http://" + stub.host()
                + "/token\",service=\"reg\",scope=\"repository:vantage/retina-seg:pull\"";
        StubRegistry.Answer guarded = exchange -> {
            boolean let =
                    "Bearer secret-token".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            (let ? manifest(MANIFEST) : status(401, "WWW-Authenticate", challenge)).to(exchange);
        };
        stub.on("GET " + PATH + "/manifests/t", guarded);
        stub.on("GET /token", exchange -> {
            assertThat(exchange.getRequestURI().getQuery())
                    .isEqualTo("service=reg&scope=repository:vantage/retina-seg:pull");
            boolean let = "Basic YWRhOnB3".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            (let ? body(200, "{\"token\":\"secret-token\",\"expires_in\":300}".getBytes()) : status(401)).to(exchange);
        });

        Repository authorised = as(new Credential.Basic("ada", "pw"));
        for (int i = 0; i < 3; i++) {
            assertThat(authorised.manifest("t").digest()).isEqualTo(DIGEST);
        }
        assertThat(stub.seen().stream().filter("GET /token"::equals)).hasSize(1);

        assertThatThrownBy(() -> as(new Credential.Basic("eve", "guess")).manifest("t"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("user 'eve'")
                .hasMessageNotContaining("guess");
    }

    @Test
    void anIdentityTokenIsExchangedForAnAccessToken() {
        String challenge = "Bearer realm=\"http://" + stub.host() + "/token\",service=\"reg\"";
        stub.on("GET " + PATH + "/manifests/t", exchange -> {
            boolean let = "Bearer fresh".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            (let ? manifest(MANIFEST) : status(401, "WWW-Authenticate", challenge)).to(exchange);
        });
        stub.on("POST /token", body(200, "{\"access_token\":\"fresh\"}".getBytes()));
        assertThat(as(new Credential.IdentityToken("refresh")).manifest("t").digest())
                .isEqualTo(DIGEST);
    }

    @Test
    void credentialsAreNotSentToATokenServerWithoutTls() {
        stub.on(
                "GET " + PATH + "/manifests/t",
                status(401, "WWW-Authenticate", "Bearer realm=\"http://tokens.example.com/token\",service=\"reg\""));
        assertThatThrownBy(() -> as(new Credential.Basic("ada", "pw")).manifest("t"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("has no TLS");
    }

    @Test
    void aRedirectToAnotherOriginCarriesNoAuthorization() throws IOException {
        byte[] blob = "weights".getBytes();
        Descriptor descriptor = Descriptor.of("x/y", blob);
        try (var storage = new StubRegistry()) {
            storage.on("GET /bucket/blob", body(200, blob));
            stub.on("GET " + PATH + "/blobs/" + descriptor.digest(), exchange -> {
                boolean let = exchange.getRequestHeaders().containsKey("Authorization");
                (let
                                ? status(307, "Location", "http://" + storage.host() + "/bucket/blob?signature=s3cret")
                                : status(401, "WWW-Authenticate", "Basic realm=\"x\""))
                        .to(exchange);
            });
            assertThat(as(new Credential.Basic("ada", "pw")).smallBlob(descriptor, 100))
                    .isEqualTo(blob);
            assertThat(storage.authorizations()).containsExactly("null");
            assertThat(stub.authorizations()).contains("Basic YWRhOnB3");
        }
    }

    // ---- blobs ----

    private record Pushed(Digest model, Descriptor layer, byte[] content) {}

    /** Takes a packed model from a layout and serves it from the stub. */
    private Pushed serveModel() {
        Repository layout = Models.layout(folder);
        Digest digest = Models.push(layout, folder.resolve("work"), Models.metadata("1.0.0", "jetson", "cv3"));
        FetchedManifest fetched = layout.manifest(digest);
        stub.on("GET " + PATH + "/manifests/" + digest, manifest(fetched.bytes()));
        Manifest.Artifact manifest = (Manifest.Artifact) fetched.parsed();
        for (Descriptor blob : manifest.layers()) {
            stub.on("GET " + PATH + "/blobs/" + blob.digest(), ranged(layout.smallBlob(blob, 1 << 20)));
        }
        stub.on(
                "GET " + PATH + "/blobs/" + manifest.config().digest(),
                ranged(layout.smallBlob(manifest.config(), 1 << 20)));
        Descriptor first = manifest.layers().getFirst();
        return new Pushed(digest, first, layout.smallBlob(first, 1 << 20));
    }

    private CachedModel pull(Digest digest) {
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(repository, digest, PullListener.NONE);
            return cache.verify(digest);
        }
    }

    private List<String> requestsFor(Descriptor blob) {
        return stub.seen().stream()
                .filter(s -> s.startsWith("GET " + PATH + "/blobs/" + blob.digest()))
                .map(s -> s.substring(("GET " + PATH + "/blobs/" + blob.digest()).length())
                        .strip())
                .toList();
    }

    @Test
    void aConnectionThatBreaksIsTakenUpWhereItBroke() {
        Pushed pushed = serveModel();
        stub.on(
                "GET " + PATH + "/blobs/" + pushed.layer().digest(),
                cutOff(pushed.content(), 100_000),
                ranged(pushed.content()));
        pull(pushed.model());
        assertThat(requestsFor(pushed.layer())).hasSize(2).first().isEqualTo("");
        assertThat(requestsFor(pushed.layer()).getLast()).matches("bytes=[0-9]{4,6}-");
    }

    @Test
    void whatAnEarlierPullLeftIsNotFetchedAgain() throws IOException {
        Pushed pushed = serveModel();
        var partial = folder.resolve("cache/partial");
        java.nio.file.Files.createDirectories(partial);
        java.nio.file.Files.write(
                partial.resolve(pushed.layer().digest().hex()), java.util.Arrays.copyOf(pushed.content(), 123_456));
        pull(pushed.model());
        assertThat(requestsFor(pushed.layer())).containsExactly("bytes=123456-");
    }

    @Test
    void aServerThatIgnoresRangesIsReadFromTheStart() {
        Pushed pushed = serveModel();
        stub.on(
                "GET " + PATH + "/blobs/" + pushed.layer().digest(),
                cutOff(pushed.content(), 100_000),
                body(200, pushed.content()));
        assertThat(pull(pushed.model()).weights()).hasSize(2);
    }

    @Test
    void aServerThatSendsAnotherRangeIsNotBelieved() {
        Pushed pushed = serveModel();
        stub.on(
                "GET " + PATH + "/blobs/" + pushed.layer().digest(),
                cutOff(pushed.content(), 100_000),
                body(206, new byte[10], "Content-Range", "bytes 0-9/10"));
        assertThatThrownBy(() -> pull(pushed.model()))
                .isInstanceOf(RegistryUnavailable.class)
                .hasMessageContaining("another range");
    }

    @Test
    void aBodyThatIsTooLongIsRefused() {
        Pushed pushed = serveModel();
        byte[] longer = java.util.Arrays.copyOf(pushed.content(), pushed.content().length + 1);
        stub.on("GET " + PATH + "/blobs/" + pushed.layer().digest(), body(200, longer));
        assertThatThrownBy(() -> pull(pushed.model()))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining("announces");
    }

    @Test
    void otherContentThanTheDigestSaysIsRefused() {
        Pushed pushed = serveModel();
        byte[] other = pushed.content().clone();
        other[200_000] ^= 1;
        stub.on("GET " + PATH + "/blobs/" + pushed.layer().digest(), ranged(other));
        assertThatThrownBy(() -> pull(pushed.model()))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining(pushed.layer().digest().toString());
        assertThat(folder.resolve("cache/partial")
                        .resolve(pushed.layer().digest().hex()))
                .doesNotExist();
    }

    @Test
    void aBodyThatAlwaysBreaksAtTheSamePlaceEndsAsUnavailableAndKeepsWhatCame() {
        Pushed pushed = serveModel();
        stub.on("GET " + PATH + "/blobs/" + pushed.layer().digest(), exchange -> {
            if (exchange.getRequestHeaders().containsKey("Range")) {
                status(503).to(exchange);
            } else {
                cutOff(pushed.content(), 100_000).to(exchange);
            }
        });
        assertThatThrownBy(() -> pull(pushed.model())).isInstanceOf(RegistryUnavailable.class);
        assertThat(folder.resolve("cache/partial")
                        .resolve(pushed.layer().digest().hex()))
                .isNotEmptyFile();
        stub.on("GET " + PATH + "/blobs/" + pushed.layer().digest(), ranged(pushed.content()));
        pull(pushed.model());
        assertThat(requestsFor(pushed.layer()).getLast()).startsWith("bytes=");
    }

    @Test
    void errorsNeverShowASignedAddress() {
        Descriptor descriptor = Descriptor.of("x/y", "b".getBytes(StandardCharsets.UTF_8));
        stub.on(
                "GET " + PATH + "/blobs/" + descriptor.digest(),
                status(307, "Location", "/store?X-Amz-Signature=s3cret"));
        stub.on("GET /store", status(403));
        assertThatThrownBy(() -> repository.smallBlob(descriptor, 10))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageNotContaining("s3cret");
    }
}
