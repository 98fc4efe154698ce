package health.vantage.models.artifact.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Content that can be read more than once, because an upload may have to start again. */
@FunctionalInterface
public interface BlobSource {
    InputStream open() throws IOException;

    static BlobSource of(byte[] bytes) {
        return () -> new ByteArrayInputStream(bytes);
    }
}
