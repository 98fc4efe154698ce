package health.vantage.models.artifact.model;

import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.archive.BoundedInputStream;
import health.vantage.models.artifact.archive.LayerEncoding;
import health.vantage.models.artifact.archive.TarReader;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Repository;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;

/** One small file out of a small layer. */
final class SmallTar {
    private static final int LARGEST_FILE = 256 << 10;
    private static final long LARGEST_UNPACKED = 256 << 20;
    private static final int MOST_ENTRIES = 10_000;

    private SmallTar() {}

    static Optional<byte[]> find(Repository repository, Descriptor layer, String path) {
        String where = "The layer " + layer.digest() + " in " + repository.reference();
        byte[] bytes = repository.smallBlob(layer, Math.toIntExact(layer.size()));
        try (var in = LayerEncoding.of(layer.mediaType()).decode(new ByteArrayInputStream(bytes))) {
            var tar = new TarReader(new BoundedInputStream(in, LARGEST_UNPACKED, where), where, MOST_ENTRIES)
                    .onlyBelow(path.substring(0, path.lastIndexOf('/')));
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                if (entry.get().path().equals(path) && entry.get().size() <= LARGEST_FILE) {
                    return Optional.of(content(tar));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UnsupportedArtifact(where + " cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private static byte[] content(TarReader tar) throws IOException {
        var out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
            out.write(buffer, 0, n);
        }
        return out.toByteArray();
    }
}
