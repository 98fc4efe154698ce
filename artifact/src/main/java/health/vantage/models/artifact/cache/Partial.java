package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.archive.TarReader;
import health.vantage.models.artifact.registry.Descriptor;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * A layer as far as it came, so that it can be continued.
 *
 * <p>A tar with one file, which is what models are packed as, is kept with its header apart from the rest: the file then
 * begins where the tar's content begins, and becomes the model's file by cutting off the tar's end and renaming. The
 * weights are written once.
 */
final class Partial {
    private static final int HEADER = 512;
    /** GNU tar pads to 10 KiB, others to more; what is longer is likely another file. */
    private static final long LONGEST_END = 64 << 10;

    private final Descriptor layer;
    private final Path content;
    private final Path header;

    Partial(CacheFolder folder, Descriptor layer) {
        this.layer = layer;
        this.content = folder.partial(layer.digest());
        this.header = folder.partialHeader(layer.digest());
    }

    Path content() {
        return content;
    }

    boolean isStarted() throws IOException {
        return Files.exists(header) || Files.exists(content) && Files.size(content) > 0;
    }

    void discard() throws IOException {
        Files.deleteIfExists(content);
        Files.deleteIfExists(header);
    }

    /** The blob, in its order. */
    InputStream open() throws IOException {
        InputStream rest = Files.newInputStream(content);
        Optional<byte[]> apart = separateHeader();
        return apart.isEmpty() ? rest : new SequenceInputStream(new ByteArrayInputStream(apart.get()), rest);
    }

    /** Present if the content begins with the one file of a tar. */
    Optional<byte[]> separateHeader() throws IOException {
        if (!Files.exists(header)) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(header);
        return bytes.length == HEADER ? Optional.of(bytes) : Optional.empty();
    }

    /** The file that the tar says it holds, if it may be the only one and this is a layer of a model. */
    Optional<TarReader.Entry> onlyFile(byte[] tarHeader) {
        boolean candidate = layer.mediaType().startsWith("application/vnd.cncf.model.")
                && LayerEncoding.of(layer.mediaType()) == LayerEncoding.TAR;
        if (!candidate) {
            return Optional.empty();
        }
        try {
            return new TarReader(new ByteArrayInputStream(tarHeader), "The layer " + layer.digest(), 1)
                    .next()
                    .filter(entry -> !entry.folder() && !entry.path().isEmpty())
                    .filter(entry -> {
                        long end = layer.size() - HEADER - entry.size();
                        return end >= 0 && end <= LONGEST_END;
                    });
        } catch (IOException | ArtifactException e) {
            // Not decided here: the bytes are not verified yet. Unpacking finds it again and says what is wrong.
            return Optional.empty();
        }
    }

    Appender append(DiskWriter writer) throws IOException {
        return new Appender(new BlockFile(content, writer));
    }

    /** Writes at the end; what was there before has to be hashed first. */
    final class Appender implements Closeable {
        private final BlockFile out;
        /** Null once it is known whether the header stays apart. */
        private ByteBuffer start = ByteBuffer.allocate(HEADER);

        private Appender(BlockFile out) {
            this.out = out;
        }

        /** @return how many bytes of the blob are here */
        long hashExisting(MessageDigest hash, byte[] buffer) throws IOException {
            Optional<byte[]> apart = separateHeader();
            if (apart.isEmpty()) {
                Files.deleteIfExists(header);
            }
            apart.ifPresent(hash::update);
            long have = apart.map(bytes -> bytes.length).orElse(0);
            FileChannel existing = out.existing();
            if (have + existing.size() > layer.size()) {
                existing.truncate(0);
            }
            ByteBuffer chunk = ByteBuffer.wrap(buffer);
            for (int n = existing.read(chunk); n > 0; n = existing.read(chunk.clear())) {
                hash.update(buffer, 0, n);
                have += n;
            }
            start = have > 0 ? null : start;
            return have;
        }

        void write(byte[] bytes, int length) throws IOException {
            int from = 0;
            if (start != null) {
                from = Math.min(start.remaining(), length);
                start.put(bytes, 0, from);
                if (start.hasRemaining()) {
                    return;
                }
                settleStart();
            }
            out.append(bytes, from, length - from);
        }

        private void settleStart() throws IOException {
            if (onlyFile(start.array()).isPresent()) {
                // Not forced: if a power cut loses it, the content does not have the digest and is fetched again.
                Files.write(header, start.array());
            } else {
                out.append(start.array(), 0, start.position());
            }
            start = null;
        }

        @Override
        public void close() throws IOException {
            try (out) {
                if (start != null && start.position() > 0) {
                    // A blob shorter than a header, or a connection that broke within it.
                    out.append(start.array(), 0, start.position());
                }
            }
        }
    }
}
