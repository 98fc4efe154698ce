package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * Brings one blob onto the disk, hashing while it streams. What an earlier try left is hashed once and continued; a
 * connection that breaks is taken up again where it broke, as long as every few tries bring something.
 */
final class BlobDownload {
    private static final int BUFFER = 256 << 10;
    private static final int TRIES_WITHOUT_PROGRESS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final Repository repository;
    private final Descriptor blob;
    private final Partial partial;
    private final DiskWriter writer;
    private final PullProgress progress;
    private final MessageDigest hash = Digest.sha256();
    private final byte[] buffer = new byte[BUFFER];
    private long have;

    BlobDownload(Repository repository, Descriptor blob, Partial partial, DiskWriter writer, PullProgress progress) {
        this.repository = repository;
        this.blob = blob;
        this.partial = partial;
        this.writer = writer;
        this.progress = progress;
    }

    /** What is on the disk has the blob's digest afterwards. */
    void run() {
        boolean continued = isStarted();
        while (!download()) {
            discard();
            // The old part may be what was wrong (a power cut can leave zeros); else it is where the bytes came from.
            if (!continued && !repository.distrust(blob.digest())) {
                throw new IntegrityMismatch(
                        "The blob " + blob.digest() + " from " + repository.reference()
                                + " has other content than its digest says; the registry's copy is damaged, push the model again");
            }
            continued = false;
        }
    }

    private boolean isStarted() {
        try {
            return partial.isStarted();
        } catch (IOException e) {
            throw disk(e);
        }
    }

    private boolean download() {
        try (var out = partial.append(writer)) {
            hash.reset();
            have = out.hashExisting(hash, buffer);
            progress.at(blob.digest(), have);
            int idle = 0;
            while (have < blob.size() || blob.size() == 0 && idle == 0) {
                long before = have;
                try {
                    receive(out);
                    break;
                } catch (BrokenConnection e) {
                    idle = have > before ? 1 : idle + 1;
                    if (idle > TRIES_WITHOUT_PROGRESS) {
                        throw new RegistryUnavailable(
                                "Pulling " + blob.digest() + " from " + repository.reference() + " broke off at " + have
                                        + " of " + blob.size() + " bytes ("
                                        + e.getCause().getMessage() + "); it goes on"
                                        + " from there next time",
                                e.getCause());
                    }
                    pause(idle);
                }
            }
            // Not forced to the disk: what is unpacked from it is, and a part that a power cut damaged is found by its
            // hash.
            return Digest.finish(hash).equals(blob.digest());
        } catch (IOException e) {
            throw disk(e);
        }
    }

    private void receive(Partial.Appender out) throws IOException, BrokenConnection {
        try (InputStream in = open()) {
            for (int n = read(in); n >= 0; n = read(in)) {
                if (have + n > blob.size()) {
                    throw new IntegrityMismatch("The registry sends more than the " + blob.size() + " bytes of "
                            + blob.digest() + " from " + repository.reference() + "; it holds something else there");
                }
                out.write(buffer, n);
                hash.update(buffer, 0, n);
                have += n;
                progress.at(blob.digest(), have);
            }
        }
        if (have < blob.size()) {
            throw new BrokenConnection(new IOException("the body ended early"));
        }
    }

    private InputStream open() {
        return repository.openBlob(blob, have);
    }

    private int read(InputStream in) throws BrokenConnection {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new BrokenConnection(e);
        }
    }

    private void pause(int idle) {
        try {
            Thread.sleep(FIRST_PAUSE.multipliedBy(1L << (idle - 1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailable("Pulling " + blob.digest() + " was interrupted", e);
        }
    }

    private void discard() {
        try {
            partial.discard();
        } catch (IOException e) {
            throw disk(e);
        }
    }

    private RuntimeException disk(IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            return new RegistryUnavailable("Pulling " + blob.digest() + " was interrupted", e);
        }
        return DurableFiles.isDiskFull(e)
                ? new DiskFull(
                        "The disk of " + partial.content() + " is full after " + have + " of " + blob.size()
                                + " bytes of " + blob.digest() + "; free some, the pull goes on from there",
                        e)
                : CacheFailure.of("write " + partial.content(), e);
    }

    /** Reading failed, not writing: the one is the network's fault, the other the disk's. */
    private static final class BrokenConnection extends Exception {
        BrokenConnection(IOException cause) {
            super(cause);
        }
    }
}
