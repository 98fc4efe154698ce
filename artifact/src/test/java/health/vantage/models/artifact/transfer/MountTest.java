package health.vantage.models.artifact.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.pack.Compression;
import health.vantage.models.artifact.pack.ModelPacker;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registry has in another repository is taken over from there. Its own access log says what moved. */
class MountTest {
    private static final int BACKBONE = 1;
    private static int repositories;

    @TempDir
    static Path shared;

    private static RegistryProcess registry;

    @TempDir
    Path folder;

    private Repository from;
    private Repository to;
    private Digest source;

    @BeforeAll
    static void start() throws IOException {
        registry = RegistryProcess.start(shared);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void push() {
        String team = registry.host() + "/t" + repositories++;
        from = Models.open(team + "/from/retina-seg");
        to = Models.open(team + "/to/retina-seg");
        source = Models.push(from, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"));
    }

    /** Uploads into {@code to} by their content's digest; a mount is a POST and no PUT. */
    private List<String> uploads() {
        return requests("\"PUT /v2/" + to.reference().path() + "/blobs/uploads/");
    }

    private List<String> mounts() {
        return requests("\"POST /v2/" + to.reference().path() + "/blobs/uploads/?mount=").stream()
                .filter(line -> line.contains("\" 201 "))
                .toList();
    }

    private static List<String> requests(String with) {
        return registry.requests().stream().filter(line -> line.contains(with)).toList();
    }

    private Manifest.Artifact model(Repository repository, Digest digest) {
        return (Manifest.Artifact) repository.manifest(digest).parsed();
    }

    @Test
    void aCopyWithinARegistryMovesNoBlob() {
        new ArtifactCopy(from, to).copy(source.toString());
        assertThat(uploads()).isEmpty();
        assertThat(mounts()).hasSize(4);
        assertThat(requests("GET /v2/" + from.reference().path() + "/blobs/")).isEmpty();
        assertThat(model(to, source).layers()).hasSize(3);
    }

    @Test
    void aNewModelSendsOnlyWhatItsSiblingsLack() throws IOException {
        var metadata = Models.metadata("3.0.0", "jetson", "cv4");
        Reference elsewhere = Reference.parse("registry.example.com/not/this");
        try (var packed =
                new ModelPacker(Compression.AUTO).pack(metadata, Models.files(folder.resolve("new"), metadata))) {
            var siblings = List.of(elsewhere, to.reference(), from.reference());
            Digest pushed = new ModelPusher(to, siblings, ProgressListener.NONE).push(packed, List.of());
            var had = model(from, source).layers();
            var has = model(to, pushed).layers();
            assertThat(has.stream().filter(had::contains)).hasSize(2);
            // Of two new blobs (head and config) the bytes were sent; backbone and labels were taken over.
            assertThat(uploads())
                    .hasSize(2)
                    .noneMatch(
                            line -> line.contains(had.get(BACKBONE - 1).digest().hex()));
            assertThat(mounts()).hasSize(2);
        }
    }

    /** A registry that cannot mount opens an upload instead; one left open keeps a folder on its disk for a week. */
    @Test
    void whatSiblingsLackGoesWhereTheRegistryOpenedAnUploadForIt() throws IOException {
        List<Reference> nothing =
                List.of(Reference.parse(registry.host() + "/no/such"), Reference.parse(registry.host() + "/nor/this"));
        Repository layout = Models.layout(folder.resolve("layout"));
        Digest digest = Models.push(layout, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"));

        new ArtifactCopy(layout, to, nothing, ProgressListener.NONE).copy(digest.toString());

        assertThat(mounts()).isEmpty();
        assertThat(uploads()).hasSize(4);
        assertThat(model(to, digest).layers()).hasSize(3);
        assertThat(requests("\"POST /v2/" + to.reference().path() + "/blobs/uploads/ "))
                .isEmpty();
        assertThat(registry.openUploads(to.reference().path())).isEmpty();
    }

    /** The last of two siblings has it: what the first question opened is closed. */
    @Test
    void aMountAfterAMissLeavesNoUploadOpen() {
        Reference nothing = Reference.parse(registry.host() + "/no/such");

        new ArtifactCopy(from, to, List.of(nothing, from.reference()), ProgressListener.NONE).copy(source.toString());

        assertThat(mounts()).hasSize(4);
        assertThat(uploads()).isEmpty();
        assertThat(registry.openUploads(to.reference().path())).isEmpty();
    }

    @Test
    void anUploadThatHasExpiredIsBegunAgain() throws IOException {
        Descriptor blob = Descriptor.of("application/octet-stream", "weights".getBytes(StandardCharsets.UTF_8));
        assertThat(to.mount(blob.digest(), Reference.parse(registry.host() + "/no/such")))
                .isFalse();
        registry.dropUploads(to.reference().path());

        to.putBlob(blob, BlobSource.of("weights".getBytes(StandardCharsets.UTF_8)));

        assertThat(to.hasBlob(blob.digest())).isTrue();
    }
}
