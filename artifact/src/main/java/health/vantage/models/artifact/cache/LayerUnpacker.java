package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.BoundedInputStream;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.archive.SafePath;
import health.vantage.models.artifact.archive.TarReader;
import health.vantage.models.artifact.cache.LayerRecord.FileRecord;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Unpacks one verified layer into an empty folder, trusting nothing it says: paths, sizes, kinds and amounts. */
final class LayerUnpacker {
    static final String FILES = "files";
    private static final String RAW_NAME = "raw";
    private static final int BUFFER = 256 << 10;
    private static final long SMALLEST_BOUND = 1 << 20;

    private final CacheLimits limits;
    private final Descriptor layer;
    private final String where;
    private final byte[] buffer = new byte[BUFFER];
    private final List<FileRecord> records = new ArrayList<>();

    LayerUnpacker(CacheLimits limits, Descriptor layer) {
        this.limits = limits;
        this.layer = layer;
        this.where = "The layer " + layer.digest();
    }

    /** @param blob verified already; a raw layer's is moved, not copied */
    LayerRecord unpack(Path blob, Path folder) throws IOException {
        Path files = Files.createDirectories(folder.resolve(FILES));
        LayerEncoding encoding = LayerEncoding.of(layer.mediaType());
        if (encoding == LayerEncoding.RAW) {
            moveRaw(blob, files);
        } else {
            untar(blob, files, encoding);
        }
        LayerRecord record = new LayerRecord(encoding, records);
        DurableFiles.write(folder.resolve(LayerRecord.NAME), record.toBytes());
        DurableFiles.forceFolders(folder);
        return record;
    }

    /** Where a raw layer's file belongs: only the manifest knows, and two manifests may disagree. */
    static String rawPath(Descriptor layer) {
        String where = "The layer " + layer.digest();
        return SafePath.of(
                layer.annotation(MediaTypes.MODEL_FILEPATH)
                        .or(() -> layer.annotation("org.opencontainers.image.title")
                                .map(t -> "models/" + t))
                        .orElseThrow(() -> new UnsupportedArtifact(where + " is a raw file without the annotation "
                                + MediaTypes.MODEL_FILEPATH + ", so it has no name; pack the model again")),
                where);
    }

    private void moveRaw(Path blob, Path files) throws IOException {
        try (var channel = FileChannel.open(blob, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Path file = files.resolve(RAW_NAME);
        Files.move(blob, file, StandardCopyOption.ATOMIC_MOVE);
        readOnly(file);
        records.add(new FileRecord(RAW_NAME, layer.size(), layer.digest()));
    }

    private void untar(Path blob, Path files, LayerEncoding encoding) throws IOException {
        long byRatio = Math.max(SMALLEST_BOUND, saturatedMultiply(layer.size(), limits.mostRatio()));
        long bound = encoding.compressed() ? Math.min(byRatio, limits.mostLayerBytes()) : limits.mostLayerBytes();
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(blob), BUFFER);
                InputStream in = new BoundedInputStream(encoding.decode(raw), bound, where)) {
            TarReader tar = new TarReader(in, where, limits.mostFiles());
            // A container image holds a whole system; only its models are ours.
            boolean image = !layer.mediaType().startsWith("application/vnd.cncf.model.");
            TarReader reader = image ? tar.onlyBelow("models") : tar;
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                if (!entry.get().folder()) {
                    write(reader, entry.get(), files);
                }
            }
        } catch (java.io.EOFException | java.util.zip.ZipException | com.github.luben.zstd.ZstdIOException e) {
            throw new UnsupportedArtifact(
                    where + " cannot be unpacked, though its digest is right (" + e.getMessage()
                            + "); pack the model again",
                    e);
        }
    }

    private void write(TarReader tar, TarReader.Entry entry, Path files) throws IOException {
        if (entry.path().isEmpty()) {
            throw new InsecureArchive(where + " holds a file without a name");
        }
        Path file = files.resolve(entry.path());
        long usable = Files.getFileStore(files).getUsableSpace();
        if (entry.size() > usable) {
            throw new DiskFull(
                    "Unpacking " + entry.path() + " of " + layer.digest() + " needs " + entry.size() + " bytes, "
                            + usable + " are free; free some and try again",
                    null);
        }
        var hash = Digest.sha256();
        try {
            Files.createDirectories(file.getParent());
            try (var out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
                    hash.update(buffer, 0, n);
                    ByteBuffer chunk = ByteBuffer.wrap(buffer, 0, n);
                    while (chunk.hasRemaining()) {
                        out.write(chunk);
                    }
                }
                out.force(true);
            }
        } catch (FileAlreadyExistsException e) {
            throw new InsecureArchive(where + " holds '" + entry.path() + "' twice, or as a file and as a folder");
        }
        readOnly(file);
        records.add(new FileRecord(entry.path(), entry.size(), Digest.finish(hash)));
    }

    /** The file may be part of several models: nobody may change it. */
    private static void readOnly(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    }

    private static long saturatedMultiply(long a, long b) {
        return a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
    }
}
