package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what vouches for a model — its manifest, config, signatures and attached documents — into a small layout folder
 * beside it, so that it can be verified again without a registry.
 */
final class Evidence {
    private static final Logger LOG = LoggerFactory.getLogger(Evidence.class);
    private static final int LARGEST_CONFIG = 4 << 20;
    private static final int LARGEST_DOCUMENT = 1 << 20;
    private static final int MOST_REFERRERS = 64;

    private final Repository from;
    private final Repository to;

    Evidence(Repository from, Repository to) {
        this.from = from;
        this.to = to;
    }

    void copy(FetchedManifest model) {
        Manifest.Artifact manifest = (Manifest.Artifact) model.parsed();
        if (manifest.config().size() <= LARGEST_CONFIG) {
            copyBlob(manifest.config(), LARGEST_CONFIG);
        }
        to.putManifest(model.digest().toString(), model.mediaType(), model.bytes());
        copySignatures(model.digest());
    }

    /** Also later, when somebody signed again: what is there stays, what is new is added. */
    void copySignatures(Digest subject) {
        String tag = "sha256-" + subject.hex() + ".sig";
        try {
            copyAttached(from.manifest(tag), tag);
        } catch (TagNotFound e) {
            LOG.debug("No cosign 2 signature for {} in {}", subject, from.reference());
        }
        for (Descriptor referrer :
                from.referrers(subject).stream().limit(MOST_REFERRERS).toList()) {
            try {
                FetchedManifest attached = from.manifest(referrer.digest());
                if (attached.parsed()
                        .subject()
                        .filter(s -> s.digest().equals(subject))
                        .isPresent()) {
                    copyAttached(attached, attached.digest().toString());
                }
            } catch (DigestNotFound | UnsupportedArtifact | IntegrityMismatch e) {
                // Anybody may attach anything; what cannot be copied cannot vouch either.
                LOG.warn("{} attached to {} is left out: {}", referrer.digest(), subject, e.getMessage());
            }
        }
    }

    private void copyAttached(FetchedManifest attached, String as) {
        if (attached.parsed() instanceof Manifest.Artifact manifest) {
            copyBlob(manifest.config(), LARGEST_DOCUMENT);
            manifest.layers().forEach(layer -> copyBlob(layer, LARGEST_DOCUMENT));
            to.putManifest(as, attached.mediaType(), attached.bytes());
        }
    }

    private void copyBlob(Descriptor blob, int largest) {
        if (!to.hasBlob(blob.digest())) {
            to.putBlob(blob, BlobSource.of(from.smallBlob(blob, largest)));
        }
    }
}
