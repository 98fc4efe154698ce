package health.vantage.models.artifact.model;

import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.util.Optional;

/** The file {@value #PATH} in a plain container image, as {@code COPY metadata.json /models/} leaves it. */
final class ImageMetadataFile {
    static final String PATH = "/models/metadata.json";
    private static final long LARGEST_LAYER = 16 << 20;

    private ImageMetadataFile() {}

    /** Looks into small layers only, the last first: nobody wants a base image pulled to read its metadata. */
    static Optional<byte[]> find(Repository repository, Manifest.Artifact manifest) {
        var layers = manifest.layers();
        for (int i = layers.size() - 1; i >= 0; i--) {
            var layer = layers.get(i);
            boolean image = layer.mediaType().startsWith("application/vnd.oci.image.layer.")
                    || layer.mediaType().startsWith("application/vnd.docker.image.rootfs.diff.");
            if (image && layer.size() <= LARGEST_LAYER && !layer.mediaType().equals(MediaTypes.OCI_EMPTY)) {
                Optional<byte[]> found = SmallTar.find(repository, layer, PATH.substring(1));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }
}
