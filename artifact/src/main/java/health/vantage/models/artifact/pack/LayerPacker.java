package health.vantage.models.artifact.pack;

import com.github.luben.zstd.ZstdOutputStream;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.TarHeader;
import health.vantage.models.artifact.progress.ProgressInputStream;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Makes one file a layer: a deterministic tar, compressed where that pays. */
final class LayerPacker {
    private static final String TITLE = "org.opencontainers.image.title";
    /** Higher levels are pointless on weights: level 19 reads 4 MB/s for almost nothing. */
    private static final int ZSTD_LEVEL = 3;

    private static final double WORTH_IT = 0.95;
    private static final long TOO_SMALL = 16 << 10;

    private final Path temporary;
    private final Compression compression;
    private final ProgressListener listener;

    LayerPacker(Path temporary, Compression compression, ProgressListener listener) {
        this.temporary = temporary;
        this.compression = compression;
        this.listener = listener;
    }

    PackedModel.Layer pack(ModelFile file) throws IOException {
        long size = Files.size(file.source());
        if (size > TarHeader.LARGEST_FILE) {
            // Past USTAR's 8 GiB: the file itself is the layer.
            return layer(file, "raw", size, () -> Files.newInputStream(file.source()));
        }
        byte[] header = TarHeader.of(file.path(), size);
        byte[] trailer = TarHeader.trailer(size);
        BlobSource tar = () -> new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(header),
                Files.newInputStream(file.source()),
                new ByteArrayInputStream(trailer))));
        PackedModel.Layer plain = layer(file, "tar", header.length + size + trailer.length, tar);
        boolean tryIt = compression == Compression.AUTO && size >= TOO_SMALL;
        return tryIt ? smaller(file, plain) : plain;
    }

    private PackedModel.Layer smaller(ModelFile file, PackedModel.Layer plain) throws IOException {
        Path compressed = temporary.resolve(plain.diffId().hex() + ".zst");
        try (InputStream in = watched(
                        plain.content(),
                        "compress " + file.path(),
                        plain.descriptor().size());
                OutputStream to = new BufferedOutputStream(Files.newOutputStream(compressed), 1 << 16);
                // One thread and a pinned level: more threads cut the blocks elsewhere and change the digest.
                ZstdOutputStream out = new ZstdOutputStream(to, ZSTD_LEVEL)) {
            in.transferTo(out);
        }
        long size = Files.size(compressed);
        if (size > plain.descriptor().size() * WORTH_IT) {
            Files.delete(compressed);
            return plain;
        }
        PackedModel.Layer zstd = layer(file, "tar+zstd", size, () -> Files.newInputStream(compressed));
        return new PackedModel.Layer(zstd.descriptor(), zstd.content(), plain.diffId());
    }

    private PackedModel.Layer layer(ModelFile file, String form, long size, BlobSource content) throws IOException {
        Digest digest = digest(() -> watched(content, "read " + file.path(), size));
        String name = file.path().substring(file.path().lastIndexOf('/') + 1);
        String title = form.equals("raw") ? name : name + "." + form.replace("tar+zstd", "tar.zst");
        Descriptor descriptor = Descriptor.of(file.kind().mediaType(form), digest, size)
                .annotated(Map.of(MediaTypes.MODEL_FILEPATH, file.path(), TITLE, title));
        return new PackedModel.Layer(descriptor, content, digest);
    }

    private InputStream watched(BlobSource content, String item, long size) throws IOException {
        return new ProgressInputStream(content.open(), listener, item, size);
    }

    private static Digest digest(BlobSource content) throws IOException {
        var hash = Digest.sha256();
        try (InputStream in = content.open();
                OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
            in.transferTo(out);
        }
        return Digest.finish(hash);
    }
}
