package health.vantage.models.artifact.model;

import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.util.Optional;

/** The file {@value #PATH} in a plain container image, as {@code COPY metadata.json /models/} leaves it. */
final class ImageMetadataFile {
    static final String PATH = "/models/metadata.json";
    private static final long LARGEST_LAYER = 16 << 20;

    private ImageMetadataFile() {}

    /** The end of the sentence that there is no metadata: what was not even looked into. */
    static String notSearched(Manifest.Artifact manifest) {
        long large = manifest.layers().stream()
                .filter(ImageMetadataFile::isImageLayer)
                .filter(layer -> layer.size() > LARGEST_LAYER)
                .count();
        return large == 0
                ? ""
                : " (" + large + " layers are larger than " + (LARGEST_LAYER >> 20)
                        + " MiB and were not searched: write the metadata into the label, or copy the file in a layer of its own)";
    }

    private static boolean isImageLayer(Descriptor layer) {
        return layer.mediaType().startsWith("application/vnd.oci.image.layer.")
                || layer.mediaType().startsWith("application/vnd.docker.image.rootfs.diff.");
    }

    /** Looks into small layers only, the last first: nobody wants a base image pulled to read its metadata. */
    static Optional<byte[]> find(Repository repository, Manifest.Artifact manifest) {
        var layers = manifest.layers();
        for (int i = layers.size() - 1; i >= 0; i--) {
            var layer = layers.get(i);
            if (isImageLayer(layer)
                    && layer.size() <= LARGEST_LAYER
                    && !layer.mediaType().equals(MediaTypes.OCI_EMPTY)) {
                Optional<byte[]> found = SmallTar.find(repository, layer, PATH.substring(1));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }
}
