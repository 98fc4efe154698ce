package health.vantage.models.artifact.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A registry that answers with anything: lists of tags, links to the next page, lists of referrers and release indexes with
 * bytes changed. What is read is right or refused with a sentence, in bounded time. The seeds are fixed.
 */
class HostileRegistryTest {
    private static final int ROUNDS = 400;
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final String NAME = "/v2/vantage/retina-seg";

    @TempDir
    Path folder;

    private StubRegistry stub;
    private Repository repository;

    @BeforeEach
    void open() throws IOException {
        stub = new StubRegistry();
        // Once: a registry that is broken stays so for this long.
        repository = new Repositories(Models.options().withRetries(1, Duration.ZERO, Duration.ZERO))
                .open(Reference.parse(stub.host() + "/vantage/retina-seg"));
    }

    @AfterEach
    void close() {
        stub.close();
    }

    private static byte[] mutated(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) "{}[],:\"0-e".charAt(random.nextInt(10));
                default -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
            }
        }
        return bytes;
    }

    /** Runs it; true if it was refused as it should be. */
    private static boolean refused(Runnable asked, String round) {
        try {
            asked.run();
            return false;
        } catch (ArtifactException e) {
            assertThat(e.getMessage()).as(round).isNotBlank();
            return true;
        } catch (RuntimeException e) {
            throw new AssertionError(round, e);
        }
    }

    @Test
    void tagListsGiveTagsOrAreRefused() {
        var random = new Random(21);
        byte[] seed =
                "{\"name\":\"vantage/retina-seg\",\"tags\":[\"2.4.1\",\"2.4.1-jetson\",\"cv3-jetson\"]}".getBytes();
        assertTimeoutPreemptively(LIMIT, () -> {
            int refused = 0;
            for (int i = 0; i < ROUNDS; i++) {
                byte[] body = mutated(seed, random);
                stub.on("GET " + NAME + "/tags/list", StubRegistry.body(200, body));
                String round = "round " + i + ": " + new String(body, StandardCharsets.ISO_8859_1);
                refused += refused(() -> assertThat(repository.tags()).as(round).allMatch(Reference::isTag), round)
                        ? 1
                        : 0;
            }
            assertThat(refused).isBetween(1, ROUNDS - 1);
        });
    }

    @Test
    void aLinkToTheNextPageIsFollowedWithinTheRegistryOrNotAtAll() throws IOException {
        var random = new Random(22);
        String[] parts = {
            "<",
            ">",
            ";",
            " ",
            "rel=\"next\"",
            "rel=next",
            ",",
            "/v2/vantage/retina-seg/tags/list?n=1&last=a",
            "http://",
            "//",
            stub.host(),
            "localhost:1",
            "@",
            "\\",
            "..",
            "?",
            "#",
            "%",
            "%2F",
            "\u00e4",
            "\t"
        };
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int i = 0; i < ROUNDS; i++) {
                var link = new StringBuilder(i % 2 == 0 ? "<" : "");
                for (int n = random.nextInt(8); n > 0; n--) {
                    link.append(parts[random.nextInt(parts.length)]);
                }
                link.append(i % 2 == 0 ? ">; rel=\"next\"" : "");
                stub.on(
                        "GET " + NAME + "/tags/list",
                        StubRegistry.body(200, "{\"tags\":[\"a\"]}".getBytes(), "Link", link.toString()));
                String round = "round " + i + ": " + link;
                refused(() -> assertThat(repository.tags()).as(round).isSubsetOf("a"), round);
            }
            assertThat(stub.seen()).allMatch(request -> request.startsWith("GET /"));
        });
    }

    @Test
    void anUploadThatIsSentElsewhereGetsNoCredentials() throws IOException {
        byte[] content = "content".getBytes();
        Descriptor blob = Descriptor.of("x/y", content);
        try (var elsewhere = new StubRegistry()) {
            elsewhere.on(
                    "PUT /upload",
                    StubRegistry.status(401, "WWW-Authenticate", "Basic realm=\"x\""),
                    StubRegistry.status(201));
            stub.on(
                    "POST " + NAME + "/blobs/uploads/",
                    StubRegistry.status(401, "WWW-Authenticate", "Basic realm=\"x\""),
                    StubRegistry.status(202, "Location", "http://" + elsewhere.host() + "/upload"));
            Repository known = new Repositories(Models.options()
                            .withRetries(1, Duration.ZERO, Duration.ZERO)
                            .withCredentials(
                                    (host, path) -> java.util.Optional.of(new Credential.Basic("ada", "secret"))))
                    .open(Reference.parse(stub.host() + "/vantage/retina-seg"));
            assertThatThrownBy(() -> known.putBlob(blob, BlobSource.of(content)))
                    .isInstanceOf(RegistryDenied.class);
            known.putBlob(blob, BlobSource.of(content));
            assertThat(stub.authorizations()).anyMatch(header -> header.startsWith("Basic "));
            assertThat(elsewhere.authorizations()).containsExactly("null", "null");
        }
    }

    @Test
    void anUploadThatIsSentNowhereIsRefused() {
        byte[] content = "content".getBytes();
        stub.on("POST " + NAME + "/blobs/uploads/", StubRegistry.status(202, "Location", "http://[not an address"));
        assertThatThrownBy(() -> repository.putBlob(Descriptor.of("x/y", content), BlobSource.of(content)))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("not an address");
    }

    @Test
    void listsOfReferrersAreReadOrRefused() {
        var random = new Random(23);
        Digest subject = Digest.of("subject".getBytes());
        byte[] seed = Manifest.Index.of(
                        List.of(Descriptor.of(MediaTypes.OCI_MANIFEST, "x".getBytes())
                                .withArtifactType(MediaTypes.CYCLONEDX)),
                        java.util.Map.of())
                .toBytes();
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int i = 0; i < ROUNDS; i++) {
                byte[] body = mutated(seed, random);
                stub.on("GET " + NAME + "/referrers/" + subject, StubRegistry.body(200, body));
                String round = "round " + i + ": " + new String(body, StandardCharsets.ISO_8859_1);
                refused(
                        () -> assertThat(repository.referrers(subject))
                                .as(round)
                                .hasSizeLessThanOrEqualTo(1),
                        round);
            }
        });
    }

    @Test
    void aReleaseIndexLeadsToItsModelsOrIsRefused() {
        Repository layout = Models.layout(folder);
        Digest model = Models.release(layout, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"));
        FetchedManifest manifest = layout.manifest(model);
        byte[] seed = layout.manifest("2.4.1").bytes();
        stub.on(
                "GET " + NAME + "/manifests/" + model,
                StubRegistry.body(200, manifest.bytes(), "Content-Type", manifest.mediaType()));
        var random = new Random(24);
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int i = 0; i < ROUNDS; i++) {
                byte[] index = mutated(seed, random);
                Digest digest = Digest.of(index);
                stub.on("GET " + NAME + "/manifests/" + digest, StubRegistry.body(200, index));
                String round = "round " + i + ": " + new String(index, StandardCharsets.ISO_8859_1);
                refused(
                        () -> assertThat(new Resolver()
                                        .resolve(repository, new Selector.Pinned(digest), List.of("jetson"))
                                        .byVariant()
                                        .get("jetson")
                                        .digest())
                                .as(round)
                                .isEqualTo(model),
                        round);
            }
        });
    }
}
