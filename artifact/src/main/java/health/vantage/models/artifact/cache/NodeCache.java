package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models on one node's disk, by digest. Several threads and several processes may use one folder; a crash at any
 * moment leaves whole models and continuable downloads.
 *
 * <p>Errors of the disk other than a full one are {@link java.io.UncheckedIOException}.
 */
public final class NodeCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCache.class);

    private final CacheFolder folder;
    private final CacheLimits limits;

    private NodeCache(CacheFolder folder, CacheLimits limits) {
        this.folder = folder;
        this.limits = limits;
    }

    /** Makes the folder if it is not there. */
    public static NodeCache open(Path folder, CacheLimits limits) {
        try {
            return new NodeCache(CacheFolder.create(folder), limits);
        } catch (IOException e) {
            throw CacheFailure.of("use " + folder + " as the model cache", e);
        }
    }

    /**
     * The whole model, pulled if it is not here. What is here already, also of an interrupted pull, is not moved again;
     * if another process is pulling it, this waits for that.
     *
     * @throws ArtifactException of every kind that moving and unpacking can end in
     */
    public CachedModel pull(Repository repository, Digest digest, PullListener listener) {
        Optional<CachedModel> here = find(digest);
        if (here.isPresent()) {
            ModelUse.now(folder.model(digest));
            return here.get();
        }
        try (var _ = folder.lockModel(digest)) {
            Optional<CachedModel> meanwhile = find(digest);
            return meanwhile.isPresent()
                    ? meanwhile.get()
                    : new ModelPull(folder, limits, repository, digest, listener).run();
        } catch (IOException e) {
            throw CacheFailure.of("pull " + digest + " into " + folder.root(), e);
        }
    }

    /** The model if all of it is here; does not read the weights, see {@link #verify}. */
    public Optional<CachedModel> find(Digest digest) {
        Path place = folder.model(digest);
        if (!Files.exists(place.resolve(ModelRecord.NAME))) {
            return Optional.empty();
        }
        try {
            return Optional.of(ModelRecord.read(place).cached(digest, place));
        } catch (IOException e) {
            LOG.warn("The cached model {} is not used and will be pulled again: {}", digest, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Hashes every file back to the digests in the manifest, and the manifest to the model's.
     *
     * @throws IntegrityMismatch naming the files that are damaged; the model and the damaged layers are removed, so that
     *     the next {@link #pull} heals it and moves no more than it has to
     * @throws DigestNotFound if the model is not here
     */
    public CachedModel verify(Digest digest) {
        return verify(digest, ProgressListener.NONE);
    }

    /** As {@link #verify(Digest)}, telling which file is being hashed. */
    public CachedModel verify(Digest digest, ProgressListener listener) {
        Path place = folder.model(digest);
        try (var _ = folder.lockModel(digest)) {
            if (!Files.exists(place.resolve(ModelRecord.NAME))) {
                throw new DigestNotFound(
                        digest, "The model " + digest + " is not in " + folder.root() + "; pull it first");
            }
            List<String> damaged = new ArrayList<>();
            Set<Digest> layers = Set.of();
            try {
                ModelRecord record = ModelRecord.read(place);
                CachedModel model = record.cached(digest, place);
                var check = new ModelCheck(folder, model, record, listener);
                check.run();
                if (check.damagedLayers().isEmpty()) {
                    ModelUse.now(place);
                    return model;
                }
                damaged.addAll(check.damagedFiles());
                layers = check.damagedLayers();
            } catch (ArtifactException e) {
                damaged.add("its manifest");
            } catch (IOException e) {
                damaged.add("its record");
            }
            discard(digest, layers);
            throw new IntegrityMismatch(
                    "The cached model " + digest + " in " + folder.root() + " is damaged: " + String.join(", ", damaged)
                            + ". It was removed, pull it again; if this repeats, the disk is failing");
        } catch (IOException e) {
            throw CacheFailure.of("verify " + digest + " in " + folder.root(), e);
        }
    }

    private void discard(Digest digest, Set<Digest> layers) throws IOException {
        try (var _ = folder.lockRemoval()) {
            Files.deleteIfExists(folder.model(digest).resolve(ModelRecord.NAME));
            DurableFiles.deleteTree(folder.model(digest));
            for (Digest layer : layers) {
                DurableFiles.deleteTree(folder.layer(layer));
            }
        }
    }

    /** Adds signatures made since the pull to the model's evidence. @throws DigestNotFound if the model is not here */
    public void refreshSignatures(Repository repository, Digest digest) {
        CachedModel model = find(digest)
                .orElseThrow(() -> new DigestNotFound(digest, "The model " + digest + " is not in " + folder.root()));
        new Evidence(repository, model.evidence()).copySignatures(digest);
    }

    /**
     * Removes models that are none of these, in no pull under way, and more than the limits' watermarks leave; with the
     * layers and partial downloads that nothing needs.
     *
     * @param keep what is never removed, however full the cache is: what serves, what may be returned to
     * @return the models that were removed
     */
    public List<Digest> prune(Set<Digest> keep) {
        return prune(keep, limits.watermarks());
    }

    /** What {@link #prune(Set, Watermarks)} would remove. */
    public List<Digest> wouldPrune(Set<Digest> keep, Watermarks marks) {
        try {
            return new CachePruning(folder, keep, marks).evicted();
        } catch (IOException e) {
            throw CacheFailure.of("list " + folder.root(), e);
        }
    }

    /** As {@link #prune(Set)}, with other marks: {@link Watermarks#NO_SPARE} makes all the room there is to make. */
    public List<Digest> prune(Set<Digest> keep, Watermarks marks) {
        try {
            return new CachePruning(folder, keep, marks).run();
        } catch (IOException e) {
            throw CacheFailure.of("prune " + folder.root(), e);
        }
    }

    /** Bytes a pull may still use. */
    public long freeBytes() {
        try {
            return Math.max(0, Files.getFileStore(folder.root()).getUsableSpace() - limits.keepFreeBytes());
        } catch (IOException e) {
            throw CacheFailure.of("ask for the free space of " + folder.root(), e);
        }
    }

    /** Every whole model here, in the order of their digests. */
    public List<CachedModel> contents() {
        try {
            return folder.digestsIn("models").stream()
                    .flatMap(digest -> find(digest).stream())
                    .toList();
        } catch (IOException e) {
            throw CacheFailure.of("list " + folder.root(), e);
        }
    }

    @Override
    public void close() {
        // Nothing is held between calls: every lock belongs to one call.
    }
}
