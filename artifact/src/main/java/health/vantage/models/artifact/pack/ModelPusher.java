package health.vantage.models.artifact.pack;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.ArtifactException.MetadataMismatch;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TagNames;
import health.vantage.models.artifact.progress.ProgressListener;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.transfer.BlobPush;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts models into a repository: content first, tags last, so that no tag ever points at half a model. */
public final class ModelPusher {
    private static final int LARGEST_CONFIG = 4 << 20;

    private final Repository repository;
    private final BlobPush blobs;

    public ModelPusher(Repository repository) {
        this(repository, List.of(), ProgressListener.NONE);
    }

    /** @param siblings as for {@link BlobPush}: repositories that share layers with this one */
    public ModelPusher(Repository repository, List<Reference> siblings, ProgressListener listener) {
        this.repository = repository;
        this.blobs = new BlobPush(repository, siblings, listener);
    }

    /**
     * Pushes the content and the manifest, then {@code tags}; nothing that is there already moves again.
     *
     * @return the manifest's digest
     */
    public Digest push(PackedModel model, List<String> tags) {
        checkName(model.metadata());
        blobs.announce(model.manifest().layers());
        for (PackedModel.Layer blob : model.blobs()) {
            blobs.put(blob.descriptor(), blob.content());
        }
        repository.putManifest(model.digest().toString(), MediaTypes.OCI_MANIFEST, model.manifestBytes());
        FetchedManifest pushed = FetchedManifest.of(model.manifestBytes(), MediaTypes.OCI_MANIFEST, "just packed");
        tags.forEach(tag -> move(tag, pushed));
        return model.digest();
    }

    /**
     * Pushes a version: the content, the alias {@code 2.4.1-jetson} and the entry in the release index {@code 2.4.1}.
     *
     * @throws AmbiguousTags if that version and variant exist with other content: a version never changes
     */
    public Digest release(PackedModel model) {
        checkName(model.metadata());
        checkUnchanged(model.metadata(), model.digest());
        push(model, List.of());
        publish(model.digest());
        return model.digest();
    }

    /** Gives a manifest that is there the tags of its version, as {@link #release} does. */
    public ModelMetadata publish(Digest digest) {
        FetchedManifest fetched = repository.manifest(digest);
        ModelArtifact model = ModelReader.read(repository, fetched);
        checkName(model.metadata());
        checkUnchanged(model.metadata(), digest);
        repository.putManifest(alias(model.metadata()), fetched.mediaType(), fetched.bytes());
        addToIndex(model, fetched.bytes().length);
        return model.metadata();
    }

    /**
     * Moves the tags {@code <capability>-<variant>} to this model, for every capability it lists; tells which. Where such
     * a tag has an image twin, that moves too.
     */
    public List<String> promote(Digest digest) {
        FetchedManifest fetched = repository.manifest(digest);
        ModelMetadata metadata = ModelReader.read(repository, fetched).metadata();
        checkName(metadata);
        List<String> tags = metadata.capabilities().stream()
                .map(capability -> capability + "-" + metadata.variant())
                .toList();
        tags.forEach(tag -> move(tag, fetched));
        return tags;
    }

    /**
     * Puts the model's image twin beside it, under its tags with {@link TagNames#twin}. Its layers are there already.
     *
     * @return the twin's digest
     * @throws UnsupportedArtifact if the model cannot be an image, saying why
     */
    public Digest image(Digest digest, List<String> tags) {
        ModelArtifact model = ModelReader.read(repository, repository.manifest(digest));
        ImageTwin twin =
                ImageTwin.of(model, repository.smallBlob(model.manifest().config(), LARGEST_CONFIG));
        for (ImageTwin.Image image : twin.images()) {
            repository.putBlob(Descriptor.of(MediaTypes.OCI_CONFIG, image.config()), BlobSource.of(image.config()));
            repository.putManifest(Digest.of(image.manifest()).toString(), MediaTypes.OCI_MANIFEST, image.manifest());
        }
        repository.putManifest(twin.digest().toString(), MediaTypes.OCI_INDEX, twin.index());
        tags.forEach(tag -> repository.putManifest(TagNames.twin(tag), MediaTypes.OCI_INDEX, twin.index()));
        return twin.digest();
    }

    /** A twin that stayed behind would give containers another model than its tag says. */
    private void move(String tag, FetchedManifest manifest) {
        if (current(TagNames.twin(tag)).isPresent()) {
            image(manifest.digest(), List.of(tag));
        }
        repository.putManifest(tag, manifest.mediaType(), manifest.bytes());
    }

    private void checkUnchanged(ModelMetadata metadata, Digest digest) {
        String alias = alias(metadata);
        current(alias).filter(d -> !d.equals(digest)).ifPresent(d -> {
            throw new AmbiguousTags("'" + alias + "' exists in " + repository.reference() + " with other content (" + d
                    + ", new is " + digest + "). A version never changes: raise the version and pack again");
        });
    }

    /** Points a tag at a manifest that is there, the moving capability tags for instance. */
    public void tag(Digest digest, String tag) {
        move(tag, repository.manifest(digest));
    }

    /** Attaches a document (an SBOM, a provenance statement) to a manifest as a referrer. */
    public Digest attach(Digest subject, String mediaType, byte[] document) {
        FetchedManifest to = repository.manifest(subject);
        byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
        Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, empty);
        Descriptor layer = Descriptor.of(mediaType, document);
        repository.putBlob(config, BlobSource.of(empty));
        repository.putBlob(layer, BlobSource.of(document));
        byte[] manifest = Manifest.Artifact.of(mediaType, config, List.of(layer), Map.of())
                .withSubject(Descriptor.of(to.mediaType(), subject, to.bytes().length))
                .toBytes();
        return repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    /** The tag of one version of one variant. */
    public static String alias(ModelMetadata metadata) {
        return indexTag(metadata) + "-" + metadata.variant();
    }

    private static String indexTag(ModelMetadata metadata) {
        return metadata.version().replace('+', '_');
    }

    private void addToIndex(ModelArtifact model, long manifestSize) {
        String tag = indexTag(model.metadata());
        List<Descriptor> before = current(tag).isEmpty()
                ? List.of()
                : repository.manifest(tag).parsed() instanceof Manifest.Index index ? index.manifests() : List.of();
        byte[] bytes = ReleaseIndex.bytes(ReleaseIndex.with(before, model, manifestSize), model.metadata());
        repository.putManifest(tag, MediaTypes.OCI_INDEX, bytes);
    }

    private Optional<Digest> current(String tag) {
        try {
            return Optional.of(repository.head(tag));
        } catch (TagNotFound e) {
            return Optional.empty();
        }
    }

    /** @throws MetadataMismatch if the repository is not the model's; found before anything moves */
    public void checkName(ModelMetadata metadata) {
        String name = repository.reference().name();
        if (!metadata.name().equals(name)) {
            throw new MetadataMismatch("The model is called '" + metadata.name() + "', but the repository is "
                    + repository.reference() + "; its last part must be the model's name, or nobody will resolve it");
        }
    }
}
