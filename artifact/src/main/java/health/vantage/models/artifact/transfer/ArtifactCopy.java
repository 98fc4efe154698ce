package health.vantage.models.artifact.transfer;

import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Copies an artifact, or an index with everything in it, from one repository to another, byte for byte and with its
 * signatures and other attached documents: between registries, onto a stick, and back in a clinic.
 */
public final class ArtifactCopy {
    private static final int DEEPEST = 4;

    /** What cosign 2 finds by a tag: signatures, attestations, SBOMs. */
    private static final List<String> BY_TAG = List.of(".sig", ".att", ".sbom");

    private final Repository from;
    private final Repository to;
    private final BlobPush blobs;
    private final Set<Digest> done = new HashSet<>();

    public ArtifactCopy(Repository from, Repository to) {
        this(from, to, List.of(), ProgressListener.NONE);
    }

    /** @param siblings as for {@link BlobPush}; the source is one by itself */
    public ArtifactCopy(Repository from, Repository to, List<Reference> siblings, ProgressListener listener) {
        this.from = from;
        this.to = to;
        var all = new ArrayList<>(List.of(from.reference()));
        all.addAll(siblings);
        this.blobs = new BlobPush(to, all, listener);
    }

    /** Content, manifests and what is attached to them; no tags but those that signatures need. */
    public FetchedManifest copy(String tagOrDigest) {
        FetchedManifest manifest = from.manifest(tagOrDigest);
        copy(manifest, 0);
        return manifest;
    }

    private void copy(FetchedManifest manifest, int depth) {
        if (depth > DEEPEST || !done.add(manifest.digest())) {
            return;
        }
        switch (manifest.parsed()) {
            case Manifest.Artifact artifact -> {
                blobs.announce(artifact.layers());
                copyBlob(artifact.config());
                artifact.layers().forEach(this::copyBlob);
            }
            case Manifest.Index index ->
                index.manifests().forEach(entry -> copy(from.manifest(entry.digest()), depth + 1));
        }
        to.putManifest(manifest.digest().toString(), manifest.mediaType(), manifest.bytes());
        copyAttached(manifest.digest(), depth);
    }

    private void copyAttached(Digest subject, int depth) {
        for (String suffix : BY_TAG) {
            String tag = "sha256-" + subject.hex() + suffix;
            try {
                FetchedManifest attached = from.manifest(tag);
                copy(attached, depth + 1);
                to.putManifest(tag, attached.mediaType(), attached.bytes());
            } catch (TagNotFound e) {
                // Nothing of that kind in the form of cosign 2; the copy has none either.
            }
        }
        for (Descriptor referrer : from.referrers(subject)) {
            FetchedManifest attached = from.manifest(referrer.digest());
            boolean belongs = attached.parsed()
                    .subject()
                    .filter(s -> s.digest().equals(subject))
                    .isPresent();
            if (belongs && MediaTypes.isManifest(attached.mediaType())) {
                copy(attached, depth + 1);
            }
        }
    }

    private void copyBlob(Descriptor blob) {
        blobs.put(blob, () -> from.openBlob(blob, 0));
    }
}
