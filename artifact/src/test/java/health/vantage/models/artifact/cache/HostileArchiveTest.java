package health.vantage.models.artifact.cache;

import static health.vantage.models.artifact.cache.HandMadeLayers.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives made by hand to write where they must not. */
class HostileArchiveTest {
    @TempDir
    Path folder;

    private Repository repository;
    private NodeCache cache;

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
        cache = NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
    }

    private Digest pushTar(String mediaType, byte[] blob) {
        return HandMadeLayers.push(repository, Descriptor.of(mediaType, blob), blob);
    }

    private void refused(byte[] tar, String because) throws IOException {
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", tar);
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(InsecureArchive.class)
                .hasMessageContaining(because);
        assertThat(cache.find(digest)).isEmpty();
        assertThat(folder.resolve("cache/staging")).isEmptyDirectory();
        assertThat(folder.resolve("cache/layers")).isEmptyDirectory();
        assertThat(folder.resolve("escaped")).doesNotExist();
    }

    @Test
    void anArchiveThatLeadsOutOfItsFolderIsRefused() throws IOException {
        refused(tar("../../../../escaped", '0', new byte[10]), "leads out of its folder");
        refused(tar("models/../../escaped", '0', new byte[10]), "leads out of its folder");
        refused(
                tar(folder.resolve("escaped").toString().length() < 90 ? "/tmp/escaped" : "/x", '0', new byte[1]),
                "absolute");
        refused(tar("models/a\\..\\b", '0', new byte[1]), "backslashes");
    }

    @Test
    void longNamesOfGnuAndPaxLeadOutNoMoreThanShortOnes() throws IOException {
        String path = "../".repeat(40) + "escaped";
        var gnu = new ByteArrayOutputStream();
        gnu.writeBytes(tar("././@LongLink", 'L', (path + "\0").getBytes()));
        gnu.writeBytes(tar("short", '0', new byte[3]));
        refused(gnu.toByteArray(), "leads out of its folder");
        var pax = new ByteArrayOutputStream();
        String record = " path=" + path + "\n";
        pax.writeBytes(tar("pax", 'x', ((record.length() + 3) + record).getBytes()));
        pax.writeBytes(tar("short", '0', new byte[3]));
        refused(pax.toByteArray(), "leads out of its folder");
    }

    @Test
    void linksAndDevicesAreRefused() throws IOException {
        refused(tar("models/link", '2', new byte[0]), "a symbolic link");
        refused(tar("models/link", '1', new byte[0]), "a hard link");
        refused(tar("models/null", '3', new byte[0]), "a device");
        refused(tar("models/pipe", '6', new byte[0]), "a pipe");
    }

    @Test
    void aPathTwiceIsRefused() throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(tar("models/a", '0', new byte[3]));
        out.writeBytes(tar("models/a", '0', new byte[4]));
        refused(out.toByteArray(), "twice");
    }

    @Test
    void aDecompressionBombIsStopped() throws IOException {
        byte[] zeros = new byte[64 << 20];
        byte[] bomb = com.github.luben.zstd.Zstd.compress(tar("models/zeros", '0', zeros), 3);
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar+zstd", bomb);
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(InsecureArchive.class)
                .hasMessageContaining("unpacks to more than");
    }

    @Test
    void anArchiveThatEndsTooEarlyIsNotUsed() {
        byte[] whole = tar("models/a", '0', new byte[5000]);
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", java.util.Arrays.copyOf(whole, 3000));
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("ends inside a file");
    }
}
