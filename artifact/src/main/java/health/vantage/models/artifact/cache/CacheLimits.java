package health.vantage.models.artifact.cache;

/**
 * What the cache will not go beyond.
 *
 * @param keepFreeBytes a pull that would leave less than this free on the disk is refused
 * @param mostLayerBytes largest single layer, unpacked
 * @param mostFiles most files in one artifact
 * @param mostRatio most bytes a compressed layer may unpack to, per byte of it
 * @param parallelLayers layers pulled at a time
 * @param watermarks how much of what is not needed may stay
 */
public record CacheLimits(
        long keepFreeBytes,
        long mostLayerBytes,
        int mostFiles,
        int mostRatio,
        int parallelLayers,
        Watermarks watermarks) {
    /** 512 MiB stay free, layers up to 256 GiB, 10,000 files, 200:1, three layers at a time, nothing kept to spare. */
    public static CacheLimits defaults() {
        return new CacheLimits(512L << 20, 256L << 30, 10_000, 200, 3, Watermarks.NO_SPARE);
    }

    public CacheLimits {
        if (keepFreeBytes < 0 || mostLayerBytes < 1 || mostFiles < 1 || mostRatio < 1 || parallelLayers < 1) {
            throw new IllegalArgumentException("Cache limits must be positive");
        }
    }

    public CacheLimits withKeepFreeBytes(long bytes) {
        return new CacheLimits(bytes, mostLayerBytes, mostFiles, mostRatio, parallelLayers, watermarks);
    }

    public CacheLimits withWatermarks(Watermarks marks) {
        return new CacheLimits(keepFreeBytes, mostLayerBytes, mostFiles, mostRatio, parallelLayers, marks);
    }
}
