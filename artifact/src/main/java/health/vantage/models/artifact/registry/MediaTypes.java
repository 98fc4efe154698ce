package health.vantage.models.artifact.registry;

import java.util.Set;

/** The media types we read and write, by their specification. */
public final class MediaTypes {
    // OCI image spec.
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCI_EMPTY = "application/vnd.oci.empty.v1+json";
    public static final String OCI_LAYER_TAR = "application/vnd.oci.image.layer.v1.tar";
    public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    public static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
    // Docker, read only.
    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    // CNCF ModelPack.
    public static final String MODEL_MANIFEST = "application/vnd.cncf.model.manifest.v1+json";
    public static final String MODEL_CONFIG = "application/vnd.cncf.model.config.v1+json";
    public static final String MODEL_WEIGHT = "application/vnd.cncf.model.weight.v1";
    public static final String MODEL_WEIGHT_CONFIG = "application/vnd.cncf.model.weight.config.v1";
    public static final String MODEL_DOC = "application/vnd.cncf.model.doc.v1";
    public static final String MODEL_FILEPATH = "org.cncf.model.filepath";
    // Signatures.
    public static final String COSIGN_PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json";
    public static final String SIGSTORE_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
    public static final String DSSE_ENVELOPE = "application/vnd.dsse.envelope.v1+json";
    // Attached documents.
    public static final String CYCLONEDX = "application/vnd.cyclonedx+json";

    private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_INDEX);
    private static final Set<String> MANIFESTS = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);

    private MediaTypes() {}

    public static boolean isIndex(String mediaType) {
        return INDEXES.contains(mediaType);
    }

    public static boolean isManifest(String mediaType) {
        return MANIFESTS.contains(mediaType);
    }

    /** What we accept when we ask for a manifest. */
    static String acceptedManifests() {
        return String.join(", ", OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX);
    }
}
