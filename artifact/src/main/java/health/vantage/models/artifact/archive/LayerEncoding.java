package health.vantage.models.artifact.archive;

import com.github.luben.zstd.ZstdInputStream;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** How a layer's bytes are wrapped; the media type says it. */
public enum LayerEncoding {
    /** The blob is the file itself. */
    RAW,
    TAR,
    TAR_GZIP,
    TAR_ZSTD;

    /**
     * log2 of the most memory that a zstd stream may ask for: 32 MiB, which every level up to 20 is content with. Three
     * layers are unpacked at a time on machines that serve models.
     */
    private static final int LARGEST_WINDOW = 25;

    /** @throws UnsupportedArtifact if the type says nothing we know */
    public static LayerEncoding of(String mediaType) {
        if (mediaType.endsWith(".raw")) {
            return RAW;
        }
        if (mediaType.endsWith("+zstd") || mediaType.endsWith(".zstd")) {
            return TAR_ZSTD;
        }
        if (mediaType.endsWith("+gzip") || mediaType.endsWith(".gzip")) {
            return TAR_GZIP;
        }
        if (mediaType.endsWith(".tar")) {
            return TAR;
        }
        throw new UnsupportedArtifact("A layer is of the type '" + mediaType
                + "', which is neither a raw file nor a tar (plain, gzip or zstd); pack the model again");
    }

    public boolean compressed() {
        return this == TAR_GZIP || this == TAR_ZSTD;
    }

    public InputStream decode(InputStream in) throws IOException {
        return switch (this) {
            case RAW, TAR -> in;
            case TAR_GZIP -> new GZIPInputStream(in, 1 << 16);
            case TAR_ZSTD -> new ZstdInputStream(in).setLongMax(LARGEST_WINDOW);
        };
    }
}
