package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.files.FileMutex;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An OCI image layout folder as a repository: for clinics behind an air gap, for demos, and for signatures kept beside a
 * cached model. Source: OCI image spec, image-layout.md.
 */
final class LayoutRepository implements Repository {
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final int LARGEST_INDEX = 16 << 20;

    private final Reference reference;
    private final Path folder;

    LayoutRepository(Reference reference) {
        this.reference = new Reference(Optional.empty(), reference.path(), Optional.empty(), Optional.empty());
        this.folder = reference.folder();
    }

    @Override
    public Reference reference() {
        return reference;
    }

    @Override
    public FetchedManifest manifest(String tagOrDigest) {
        if (tagOrDigest.startsWith("sha256:")) {
            Digest digest = Digest.parse(tagOrDigest);
            String type = index().manifests().stream()
                    .filter(entry -> entry.digest().equals(digest))
                    .map(Descriptor::mediaType)
                    .findFirst()
                    .orElse("");
            return read(digest, type);
        }
        Descriptor entry = tagged(tagOrDigest);
        return read(entry.digest(), entry.mediaType());
    }

    @Override
    public Digest head(String tagOrDigest) {
        return tagOrDigest.startsWith("sha256:")
                ? manifest(tagOrDigest).digest()
                : tagged(tagOrDigest).digest();
    }

    private Descriptor tagged(String tag) {
        return index().manifests().stream()
                .filter(entry -> entry.annotation(REF_NAME).filter(tag::equals).isPresent())
                .findFirst()
                .orElseThrow(() -> new TagNotFound(
                        tag, List.of(), "The tag '" + tag + "' does not exist in the layout folder " + folder));
    }

    private FetchedManifest read(Digest digest, String type) {
        Path file = blob(digest);
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(Manifest.LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw missing(digest);
        } catch (IOException e) {
            throw failed("read the manifest " + digest, e);
        }
        if (bytes.length > Manifest.LARGEST) {
            throw new UnsupportedArtifact(
                    file + " is larger than a manifest may be (" + Manifest.LARGEST + " bytes); it is something else");
        }
        Digest actual = Digest.of(bytes);
        if (!actual.equals(digest)) {
            throw new IntegrityMismatch(
                    file + " has the digest " + actual + ", not its name's; the folder is damaged, copy it again");
        }
        return FetchedManifest.of(bytes, type, digest + " in " + folder);
    }

    private DigestNotFound missing(Digest digest) {
        return new DigestNotFound(
                digest, "The layout folder " + folder + " does not hold " + digest + "; copy the whole folder again");
    }

    @Override
    public List<String> tags() {
        return Files.exists(folder.resolve("index.json"))
                ? index().manifests().stream()
                        .flatMap(entry -> entry.annotation(REF_NAME).stream())
                        .distinct()
                        .toList()
                : List.of();
    }

    @Override
    public InputStream openBlob(Descriptor blob, long offset) {
        try {
            FileChannel channel = FileChannel.open(blob(blob.digest()), StandardOpenOption.READ);
            channel.position(offset);
            return Channels.newInputStream(channel);
        } catch (NoSuchFileException e) {
            throw missing(blob.digest());
        } catch (IOException e) {
            throw failed("read the blob " + blob.digest(), e);
        }
    }

    @Override
    public boolean hasBlob(Digest digest) {
        return Files.isRegularFile(blob(digest));
    }

    @Override
    public List<Descriptor> referrers(Digest subject) {
        if (!Files.exists(folder.resolve("index.json"))) {
            return List.of();
        }
        var found = new ArrayList<Descriptor>();
        for (Descriptor entry : index().manifests()) {
            if (Referrers.isFallbackTag(entry.annotation(REF_NAME).orElse(""), subject)) {
                if (read(entry.digest(), entry.mediaType()).parsed() instanceof Manifest.Index list) {
                    found.addAll(list.manifests());
                }
            } else if (MediaTypes.isManifest(entry.mediaType()) && hasBlob(entry.digest())) {
                var manifest = read(entry.digest(), entry.mediaType());
                boolean attached = manifest.parsed()
                        .subject()
                        .filter(s -> s.digest().equals(subject))
                        .isPresent();
                if (attached) {
                    found.add(Referrers.descriptor(manifest));
                }
            }
        }
        return Referrers.distinct(found);
    }

    @Override
    public void putBlob(Descriptor blob, BlobSource content) {
        if (hasBlob(blob.digest())) {
            return;
        }
        try {
            Files.createDirectories(blobs());
            Path temporary = Files.createTempFile(blobs(), ".new-", "");
            try {
                copy(blob, content, temporary);
                DurableFiles.move(temporary, blob(blob.digest()));
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw failed("store the blob " + blob.digest(), e);
        }
    }

    private void copy(Descriptor blob, BlobSource content, Path to) throws IOException {
        try (var in = new VerifyingInputStream(content.open(), blob, "The content to store");
                var channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            in.transferTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
    }

    @Override
    public boolean mount(Digest blob, Reference from) {
        return false;
    }

    @Override
    public Digest putManifest(String tagOrDigest, String mediaType, byte[] bytes) {
        FetchedManifest manifest = FetchedManifest.of(bytes, mediaType, tagOrDigest + " for " + folder);
        boolean byDigest = tagOrDigest.startsWith("sha256:");
        if (byDigest && !Digest.parse(tagOrDigest).equals(manifest.digest())) {
            throw new IntegrityMismatch(
                    "The manifest to store has the digest " + manifest.digest() + ", not " + tagOrDigest);
        }
        putBlob(Descriptor.of(mediaType, bytes), BlobSource.of(bytes));
        Descriptor plain = manifest.descriptor();
        Descriptor entry = byDigest ? plain : plain.annotated(java.util.Map.of(REF_NAME, tagOrDigest));
        changeIndex(entries -> {
            var kept = new ArrayList<>(entries);
            // A tag moves; an entry without a tag makes room for the tagged one of the same manifest.
            kept.removeIf(e -> !byDigest
                    && e.annotation(REF_NAME).filter(tagOrDigest::equals).isPresent());
            kept.removeIf(e ->
                    e.digest().equals(entry.digest()) && e.annotation(REF_NAME).isEmpty());
            boolean known = kept.stream().anyMatch(e -> e.digest().equals(entry.digest()));
            if (!byDigest || !known) {
                kept.add(entry);
            }
            return kept;
        });
        return manifest.digest();
    }

    @Override
    public void deleteManifest(Digest digest) {
        changeIndex(entries ->
                entries.stream().filter(e -> !e.digest().equals(digest)).toList());
        try {
            Files.deleteIfExists(blob(digest));
        } catch (IOException e) {
            throw failed("delete the manifest " + digest, e);
        }
    }

    private void changeIndex(UnaryOperator<List<Descriptor>> change) {
        try {
            Files.createDirectories(folder);
            try (var _ = FileMutex.lock(folder.resolve(".lock"))) {
                Path file = folder.resolve("index.json");
                List<Descriptor> before = Files.exists(file) ? index().manifests() : List.of();
                ObjectNode root = Json.newObject();
                root.put("schemaVersion", 2);
                root.put("mediaType", MediaTypes.OCI_INDEX);
                ArrayNode array = root.putArray("manifests");
                change.apply(before).forEach(entry -> array.add(entry.toJson()));
                Path marker = folder.resolve("oci-layout");
                if (!Files.exists(marker)) {
                    DurableFiles.write(marker, "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
                }
                DurableFiles.write(file, Json.bytes(root));
            }
        } catch (IOException e) {
            throw failed("change index.json", e);
        }
    }

    private Manifest.Index index() {
        Path file = folder.resolve("index.json");
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LARGEST_INDEX + 1);
        } catch (NoSuchFileException e) {
            throw new TagNotFound("", List.of(), folder + " is not an OCI layout folder: it has no index.json");
        } catch (IOException e) {
            throw failed("read index.json", e);
        }
        if (bytes.length > LARGEST_INDEX) {
            throw new UnsupportedArtifact(file + " is larger than " + LARGEST_INDEX + " bytes");
        }
        if (Manifest.parse(bytes, MediaTypes.OCI_INDEX, file.toString()) instanceof Manifest.Index index) {
            return index;
        }
        throw new UnsupportedArtifact(file + " is not an image index");
    }

    private ArtifactException failed(String what, IOException e) {
        if (DurableFiles.isDiskFull(e)) {
            return new DiskFull("There is no room to " + what + " in " + folder + "; free some and try again", e);
        }
        return new RegistryUnavailable("Cannot " + what + " in the layout folder " + folder + ": " + e, e);
    }

    private Path blobs() {
        return folder.resolve("blobs").resolve("sha256");
    }

    private Path blob(Digest digest) {
        return blobs().resolve(digest.hex());
    }
}
