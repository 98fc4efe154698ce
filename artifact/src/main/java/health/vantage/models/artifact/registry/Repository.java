package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * One repository of model artifacts: in a registry, or an OCI image layout folder. Safe for use by several threads.
 *
 * <p>Every method throws {@link ArtifactException}; which one is the caller's way to handle it.
 */
public interface Repository {
    /** This repository, without tag and digest. */
    Reference reference();

    /**
     * The manifest under a tag or a digest ({@code sha256:...}). Asked for by digest, the bytes have that digest.
     *
     * @throws ArtifactException.TagNotFound if there is no such tag, or no such repository
     * @throws ArtifactException.DigestNotFound if there is no such digest
     * @throws ArtifactException.IntegrityMismatch if the bytes are not what the digest says
     */
    FetchedManifest manifest(String tagOrDigest);

    default FetchedManifest manifest(Digest digest) {
        return manifest(digest.toString());
    }

    /** The digest a tag points at now; throws like {@link #manifest(String)}. */
    Digest head(String tagOrDigest);

    /** All tags, in no order. An empty list if the repository does not exist. */
    List<String> tags();

    /**
     * The blob's bytes from {@code offset} on. They are not verified: hash them while reading.
     *
     * @throws ArtifactException.DigestNotFound if the repository does not have it
     */
    InputStream openBlob(Descriptor blob, long offset);

    /**
     * A small blob as a whole, verified.
     *
     * @throws ArtifactException.UnsupportedArtifact if it says of itself that it is larger than {@code most} bytes
     * @throws ArtifactException.IntegrityMismatch if it is not what the descriptor says
     */
    default byte[] smallBlob(Descriptor blob, int most) {
        if (blob.size() > most) {
            throw new ArtifactException.UnsupportedArtifact("The blob " + blob.digest() + " in " + reference() + " has "
                    + blob.size() + " bytes; a " + blob.mediaType() + " may have at most " + most);
        }
        try (var in = new VerifyingInputStream(openBlob(blob, 0), blob, "The blob in " + reference())) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ArtifactException.RegistryUnavailable(
                    "Reading the blob " + blob.digest() + " of " + reference() + " broke off: " + e.getMessage(), e);
        }
    }

    /**
     * Told when what {@link #openBlob} gave was not that blob.
     *
     * @return whether there is another place to get it from, which the next {@link #openBlob} asks
     */
    default boolean distrust(Digest blob) {
        return false;
    }

    boolean hasBlob(Digest digest);

    /** What was attached to a manifest, at most a few hundred entries; their artifact types are claims. */
    List<Descriptor> referrers(Digest subject);

    /** Stores a blob unless it is there already. */
    void putBlob(Descriptor blob, BlobSource content);

    /** Takes over a blob from another repository of the same registry without moving bytes; false if that cannot be. */
    boolean mount(Digest blob, Reference from);

    /**
     * Stores a manifest under a tag, or only under its digest. A manifest with a subject is found by {@link #referrers}
     * afterwards, also on registries without the referrers API.
     *
     * @return the digest of {@code bytes}
     */
    Digest putManifest(String tagOrDigest, String mediaType, byte[] bytes);

    /** Removes a manifest by its digest, with the tags that point at it. */
    void deleteManifest(Digest digest);
}
