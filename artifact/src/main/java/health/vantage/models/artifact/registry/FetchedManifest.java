package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Digest;

/**
 * A manifest as it came, with the digest computed from its bytes.
 *
 * @param digest of {@code bytes}, computed here, never taken from a header
 * @param bytes exactly what the registry holds: signatures and digests are over these
 */
public record FetchedManifest(Digest digest, String mediaType, byte[] bytes, Manifest parsed) {
    public static FetchedManifest of(byte[] bytes, String mediaType, String where) {
        Manifest parsed = Manifest.parse(bytes, mediaType, where);
        return new FetchedManifest(Digest.of(bytes), parsed.mediaType(), bytes, parsed);
    }

    public Descriptor descriptor() {
        Descriptor plain = Descriptor.of(mediaType, digest, bytes.length);
        return parsed.artifactType().map(plain::withArtifactType).orElse(plain);
    }
}
