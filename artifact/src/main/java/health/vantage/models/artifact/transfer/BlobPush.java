package health.vantage.models.artifact.transfer;

import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.progress.ProgressInputStream;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Repository;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Puts blobs into a repository. What is there is left alone; what another repository of the same registry has is taken
 * over from it (a shared backbone is never sent twice); only the rest moves.
 */
public final class BlobPush {
    private final Repository to;
    private final List<Reference> siblings;
    private final ProgressListener listener;

    /** @param siblings repositories that may have some of the blobs; those of other registries are passed over */
    public BlobPush(Repository to, List<Reference> siblings, ProgressListener listener) {
        this.to = to;
        this.siblings = new LinkedHashSet<>(siblings)
                .stream()
                        .filter(sibling -> sibling.registry().isPresent()
                                && sibling.registry().equals(to.reference().registry())
                                && !sibling.path().equals(to.reference().path()))
                        .toList();
        this.listener = listener;
    }

    /** Tells the listener what will come. */
    public void announce(List<Descriptor> blobs) {
        blobs.forEach(blob -> listener.progress(blob.label(), 0, blob.size()));
    }

    public void put(Descriptor blob, BlobSource content) {
        boolean here =
                to.hasBlob(blob.digest()) || siblings.stream().anyMatch(sibling -> to.mount(blob.digest(), sibling));
        if (!here) {
            to.putBlob(blob, () -> new ProgressInputStream(content.open(), listener, blob.label(), blob.size()));
        }
        listener.progress(blob.label(), blob.size(), blob.size());
    }
}
