package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.testing.Models;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pulls onto a disk that somebody else fills in the middle, then frees it and pulls again. */
final class FullDiskProgram {
    private static final int LEFT = 100_000;

    private FullDiskProgram() {}

    public static void main(String[] args) throws IOException {
        Path disk = Path.of(args[0]);
        Path ballast = disk.resolve("ballast");
        Digest digest = Digest.parse(args[2]);
        try (var cache = NodeCache.open(disk.resolve("cache"), oneLayerAtATime())) {
            try {
                cache.pull(Models.open(args[1]), digest, (done, total) -> fill(ballast));
                System.out.println("the disk did not get full");
            } catch (DiskFull e) {
                System.out.println("full: " + e.getMessage());
            }
            System.out.println("found: " + cache.find(digest).isPresent());
            Files.delete(ballast);
            cache.pull(Models.open(args[1]), digest, PullListener.NONE);
            System.out.println("whole: " + cache.verify(digest).weights().size());
        }
    }

    /** Layers that unpack side by side would race for who meets the end of the disk, and how. */
    private static CacheLimits oneLayerAtATime() {
        CacheLimits usual = CacheLimits.defaults();
        return new CacheLimits(0, usual.mostLayerBytes(), usual.mostFiles(), usual.mostRatio(), 1, Watermarks.NO_SPARE);
    }

    private static void fill(Path ballast) {
        if (Files.exists(ballast)) {
            return;
        }
        try (OutputStream out = Files.newOutputStream(ballast)) {
            byte[] block = new byte[4096];
            while (Files.getFileStore(ballast).getUsableSpace() > LEFT) {
                out.write(block);
            }
        } catch (IOException e) {
            if (!DurableFiles.isDiskFull(e)) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
