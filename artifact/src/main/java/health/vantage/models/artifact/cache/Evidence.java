package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what vouches for a model — its manifest, config, signatures, attestations and attached documents — into a small
 * layout folder beside it, so that it can be verified again without a registry.
 */
final class Evidence {
    private static final Logger LOG = LoggerFactory.getLogger(Evidence.class);
    private static final int LARGEST_CONFIG = 4 << 20;
    /** As large as verification reads; a BOM or scan in base64 is larger than a signature. */
    private static final int LARGEST_DOCUMENT = 4 << 20;

    /** All of one model; whoever can push could otherwise fill the disks of nodes. */
    private static final long MOST_BYTES = 64L << 20;

    /** Where cosign 2 leaves signatures and attestations. */
    private static final List<String> BY_TAG = List.of(".sig", ".att");

    private final Repository from;
    private final Repository to;
    private long bytes;

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
        for (String suffix : BY_TAG) {
            String tag = "sha256-" + subject.hex() + suffix;
            guarded(subject, tag, () -> {
                try {
                    copyAttached(subject, from.manifest(tag), tag);
                } catch (TagNotFound e) {
                    LOG.debug("Nothing of the form of cosign 2 under {} in {}", tag, from.reference());
                } catch (RegistryUnavailable e) {
                    // A mirror that has the model need not have this tag. Where it is missed, verification asks again.
                    LOG.warn("{} is not kept beside {}: {}", tag, subject, e.getMessage());
                }
            });
        }
        for (Descriptor referrer : from.referrers(subject)) {
            guarded(subject, referrer.digest().toString(), () -> {
                FetchedManifest attached = from.manifest(referrer.digest());
                if (attached.parsed()
                        .subject()
                        .filter(s -> s.digest().equals(subject))
                        .isPresent()) {
                    copyAttached(subject, attached, attached.digest().toString());
                }
            });
        }
    }

    /** Every blob that can be had: verification looks at each layer by itself, and a bad one must not hide a good one. */
    private void copyAttached(Digest subject, FetchedManifest attached, String as) {
        if (attached.parsed() instanceof Manifest.Artifact manifest) {
            guarded(subject, as, () -> copyBlob(manifest.config(), LARGEST_DOCUMENT));
            manifest.layers().forEach(layer -> guarded(subject, as, () -> copyBlob(layer, LARGEST_DOCUMENT)));
            to.putManifest(as, attached.mediaType(), attached.bytes());
        }
    }

    private static void guarded(Digest subject, String what, Runnable copy) {
        try {
            copy.run();
        } catch (DigestNotFound | UnsupportedArtifact | IntegrityMismatch e) {
            // Anybody may attach anything; what cannot be copied cannot vouch either.
            LOG.warn("{} attached to {} is left out: {}", what, subject, e.getMessage());
        }
    }

    private void copyBlob(Descriptor blob, int largest) {
        if (!to.hasBlob(blob.digest())) {
            if (bytes + blob.size() > MOST_BYTES) {
                throw new UnsupportedArtifact("what is attached has more than " + (MOST_BYTES >> 20) + " MiB");
            }
            to.putBlob(blob, BlobSource.of(from.smallBlob(blob, largest)));
            bytes += blob.size();
        }
    }
}
