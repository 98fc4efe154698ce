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
import health.vantage.models.artifact.registry.BlobSource;
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
import java.util.Optional;

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

    /** @param blob verified already; a single file that is not compressed is moved out of it, not copied */
    LayerRecord unpack(Partial blob, Path folder) throws IOException {
        Path files = Files.createDirectories(folder.resolve(FILES));
        LayerEncoding encoding = LayerEncoding.of(layer.mediaType());
        LayerRecord record =
                encoding == LayerEncoding.RAW ? moveRaw(blob.content(), files) : untar(blob, files, encoding);
        // The folder appears as a whole by a rename: nobody could see half a record in it.
        DurableFiles.create(folder.resolve(LayerRecord.NAME), record.toBytes());
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

    private LayerRecord moveRaw(Path blob, Path files) throws IOException {
        force(blob, layer.size());
        move(blob, files.resolve(RAW_NAME));
        FileRecord file = new FileRecord(RAW_NAME, layer.size(), Optional.of(layer.digest()));
        return new LayerRecord(LayerEncoding.RAW, layer.digest(), List.of(file), Optional.empty());
    }

    private LayerRecord untar(Partial blob, Path files, LayerEncoding encoding) throws IOException {
        Optional<byte[]> header = blob.separateHeader();
        Optional<TarReader.Entry> only = header.flatMap(blob::onlyFile);
        if (only.isPresent() && endsAfter(only.get().size(), blob.content())) {
            return moveOnlyFile(blob.content(), header.get(), only.get(), files);
        }
        return untar(blob::open, files, encoding);
    }

    /** Whether nothing but zeros follows the file: no second file, and nothing else. */
    private static boolean endsAfter(long size, Path content) throws IOException {
        try (var in = FileChannel.open(content, StandardOpenOption.READ)) {
            ByteBuffer end = ByteBuffer.allocate(Math.toIntExact(in.size() - size));
            while (end.hasRemaining() && in.read(end, size + end.position()) > 0) {
                // Until all of it is here.
            }
            for (byte b : end.array()) {
                if (b != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private LayerRecord moveOnlyFile(Path content, byte[] header, TarReader.Entry entry, Path files)
            throws IOException {
        long zeros = layer.size() - header.length - entry.size();
        force(content, entry.size());
        Path file = files.resolve(entry.path());
        Files.createDirectories(file.getParent());
        move(content, file);
        var framing = new Framing(List.of(Framing.Piece.of(header), new Framing.Piece(new byte[0], zeros)));
        FileRecord record = new FileRecord(entry.path(), entry.size(), Optional.empty());
        return new LayerRecord(LayerEncoding.TAR, layer.digest(), List.of(record), Optional.of(framing));
    }

    private LayerRecord untar(BlobSource blob, Path files, LayerEncoding encoding) throws IOException {
        long byRatio = Math.max(SMALLEST_BOUND, saturatedMultiply(layer.size(), limits.mostRatio()));
        long bound = encoding.compressed() ? Math.min(byRatio, limits.mostLayerBytes()) : limits.mostLayerBytes();
        try (InputStream raw = new BufferedInputStream(blob.open(), BUFFER);
                var in = new FramedInputStream(new BoundedInputStream(encoding.decode(raw), bound, where))) {
            TarReader tar = new TarReader(in, where, limits.mostFiles());
            // A container image holds a whole system; only its models are ours.
            boolean image = !layer.mediaType().startsWith("application/vnd.cncf.model.");
            TarReader reader = image ? tar.onlyBelow("models") : tar;
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                if (!entry.get().folder()) {
                    in.fileBegins();
                    write(reader, entry.get(), files);
                    in.fileEnds();
                }
            }
            Digest digest = in.finish();
            Optional<Framing> framing = in.framing();
            return new LayerRecord(encoding, digest, framing.isPresent() ? records : digested(files), framing);
        } catch (java.io.EOFException | java.util.zip.ZipException | com.github.luben.zstd.ZstdIOException e) {
            throw new UnsupportedArtifact(
                    where + " cannot be unpacked, though its digest is right (" + e.getMessage()
                            + "); pack the model again",
                    e);
        }
    }

    /** Reads the files once more: nobody knew before the end that the framing would not be kept. */
    private List<FileRecord> digested(Path files) throws IOException {
        var all = new ArrayList<FileRecord>();
        for (FileRecord file : records) {
            Digest digest = Framing.digestOf(files.resolve(file.path()));
            all.add(new FileRecord(file.path(), file.size(), Optional.of(digest)));
        }
        return all;
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
        try {
            Files.createDirectories(file.getParent());
            try (var out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
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
        records.add(new FileRecord(entry.path(), entry.size(), Optional.empty()));
    }

    private static void force(Path file, long size) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
            channel.force(true);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        readOnly(to);
    }

    /** The file may be part of several models: nobody may change it. */
    private static void readOnly(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    }

    private static long saturatedMultiply(long a, long b) {
        return a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
    }
}
