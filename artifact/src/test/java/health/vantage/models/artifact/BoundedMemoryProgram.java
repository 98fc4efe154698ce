package health.vantage.models.artifact;

import com.github.luben.zstd.ZstdOutputStream;
import health.vantage.models.artifact.archive.TarHeader;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Reads everything hostile in a process with a small heap; prints what became of each. */
final class BoundedMemoryProgram {
    /** Of zeros in a bomb: far more than the heap, and than the ratio that is allowed. */
    private static final int BOMB_MIB = 512;

    private static Path folder;

    private BoundedMemoryProgram() {}

    public static void main(String[] args) {
        folder = Path.of(args[1]);
        for (String name : args[0].split(",")) {
            String host = name.substring(name.indexOf('=') + 1);
            String kind = name.substring(0, name.indexOf('='));
            Repository repository = new Repositories(Models.options().withRetries(1, Duration.ZERO, Duration.ZERO))
                    .open(Reference.parse(host + "/vantage/retina-seg"));
            Digest none = Digest.of("none".getBytes());
            tell(kind, () -> {
                switch (kind) {
                    case "manifest", "manifest-values", "error", "token" -> repository.manifest("latest");
                    case "tags", "tags-values", "pages" -> repository.tags();
                    case "referrers" -> repository.referrers(none);
                    case "blob" -> repository.smallBlob(Descriptor.of("x/y", none, 1000), 4 << 20);
                    default -> throw new IllegalStateException(kind);
                }
            });
        }
        tell("zstd-bomb", () -> pull("zstd-bomb", ".tar+zstd", bomb(ZstdOutputStream::new)));
        tell("gzip-bomb", () -> pull("gzip-bomb", ".tar+gzip", bomb(GZIPOutputStream::new)));
        tell("many-files", () -> pull("many-files", ".tar", manyFiles()));
        tell("long-name", () -> pull("long-name", ".tar", longName()));
    }

    private interface Hostile {
        void run() throws IOException;
    }

    private static void tell(String kind, Hostile what) {
        try {
            what.run();
            System.out.println(kind + " accepted");
        } catch (ArtifactException e) {
            System.out.println(kind + " refused: " + e.reason());
        } catch (IOException | RuntimeException e) {
            System.out.println(kind + " failed: " + e);
        }
    }

    private static void pull(String name, String encoding, byte[] blob) {
        Repository layout = Models.layout(folder.resolve(name));
        byte[] config = "{}".getBytes();
        Descriptor configDescriptor = Descriptor.of(MediaTypes.MODEL_CONFIG, config);
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + encoding, blob);
        layout.putBlob(configDescriptor, BlobSource.of(config));
        layout.putBlob(layer, BlobSource.of(blob));
        String metadata = new String(Models.metadata("1.0.0", "jetson", "cv3").canonicalJson(), StandardCharsets.UTF_8);
        byte[] manifest = Manifest.Artifact.of(
                        MediaTypes.MODEL_MANIFEST,
                        configDescriptor,
                        List.of(layer),
                        Map.of(ModelMetadata.ANNOTATION, metadata))
                .toBytes();
        Digest digest = layout.putManifest("bomb", MediaTypes.OCI_MANIFEST, manifest);
        try (var cache = NodeCache.open(
                folder.resolve(name).resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(layout, digest, PullListener.NONE);
        }
    }

    private interface Compressor {
        OutputStream on(OutputStream out) throws IOException;
    }

    private static byte[] bomb(Compressor compressor) throws IOException {
        var out = new ByteArrayOutputStream();
        byte[] zeros = new byte[1 << 20];
        try (OutputStream compressed = compressor.on(out)) {
            compressed.write(TarHeader.of("models/zeros", (long) BOMB_MIB << 20));
            for (int i = 0; i < BOMB_MIB; i++) {
                compressed.write(zeros);
            }
            compressed.write(new byte[1024]);
        }
        return out.toByteArray();
    }

    /** More entries than a layer may have, each of nothing. */
    private static byte[] manyFiles() {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 10_001; i++) {
            out.writeBytes(TarHeader.of("models/" + i, 0));
        }
        return out.toByteArray();
    }

    /** A header that says that its name has 7 GiB. */
    private static byte[] longName() {
        byte[] header = TarHeader.of("././@LongLink", 7L << 30);
        header[156] = 'L';
        java.util.Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        System.arraycopy(String.format("%06o\0 ", sum).getBytes(), 0, header, 148, 8);
        return header;
    }
}
