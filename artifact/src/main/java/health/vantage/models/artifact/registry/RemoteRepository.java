package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.HttpExchange.Answer;
import health.vantage.models.artifact.registry.HttpExchange.Request;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A repository in a registry. Source: OCI distribution spec 1.1. */
final class RemoteRepository implements Repository {
    private final Reference reference;
    private final RegistryClient client;
    private final String path;
    private final RemotePush push;

    RemoteRepository(Reference reference, RegistryClient client) {
        this.reference = new Reference(reference.registry(), reference.path(), Optional.empty(), Optional.empty());
        this.client = client;
        this.path = "/v2/" + reference.path();
        this.push = new RemotePush(this.reference, client, path);
    }

    @Override
    public Reference reference() {
        return reference;
    }

    private String pull() {
        return "repository:" + reference.path() + ":pull";
    }

    private Request manifestRequest(String method, String tagOrDigest) {
        return Request.of(method, client.uri(path + "/manifests/" + checked(tagOrDigest)), pull())
                .header("Accept", MediaTypes.acceptedManifests());
    }

    /** Nothing but a tag or a digest may become part of an address. */
    private static String checked(String tagOrDigest) {
        if (tagOrDigest.startsWith("sha256:")) {
            return Digest.parse(tagOrDigest).toString();
        }
        if (!Reference.isTag(tagOrDigest)) {
            throw new IllegalArgumentException("'" + tagOrDigest + "' is neither a tag nor a digest");
        }
        return tagOrDigest;
    }

    @Override
    public FetchedManifest manifest(String tagOrDigest) {
        Request request = manifestRequest("GET", tagOrDigest);
        byte[] bytes;
        String type;
        Optional<String> claimed;
        try (Answer answer = client.exchange(request)) {
            if (answer.status() == 404) {
                throw notFound(tagOrDigest);
            }
            if (!answer.ok()) {
                throw client.unexpected(request, answer);
            }
            claimed = answer.header("Docker-Content-Digest");
            type = answer.header("Content-Type")
                    .orElse("")
                    .replaceFirst(";.*", "")
                    .strip();
            bytes = readWhole(request, answer, Manifest.LARGEST);
        }
        Digest actual = Digest.of(bytes);
        String where = tagOrDigest + " of " + reference;
        boolean asAsked =
                !tagOrDigest.startsWith("sha256:") || actual.toString().equals(tagOrDigest);
        boolean asClaimed = claimed.isEmpty()
                || claimed.get().equals(actual.toString())
                || !claimed.get().startsWith("sha256:");
        if (!asAsked || !asClaimed) {
            throw new IntegrityMismatch("The manifest " + where + " has the digest " + actual + ", not "
                    + (asAsked ? claimed.get() + " as the registry says" : "the one asked for")
                    + "; it was changed on the way or in the registry, push it again");
        }
        return FetchedManifest.of(bytes, type.startsWith("application/json") ? "" : type, where);
    }

    private byte[] readWhole(Request request, Answer answer, int most) {
        try {
            byte[] bytes = answer.body().readNBytes(most + 1);
            if (bytes.length > most) {
                throw new UnsupportedArtifact(
                        "The answer to " + request.shown() + " is larger than the " + most + " bytes that are read");
            }
            if (answer.contentLength() >= 0 && bytes.length != answer.contentLength()) {
                throw new RegistryUnavailable(
                        "The answer to " + request.shown() + " was cut off after " + bytes.length + " of "
                                + answer.contentLength() + " bytes",
                        null);
            }
            return bytes;
        } catch (IOException e) {
            throw new RegistryUnavailable(
                    "Reading the answer to " + request.shown() + " broke off: " + e.getMessage(), e);
        }
    }

    private RuntimeException notFound(String tagOrDigest) {
        return tagOrDigest.startsWith("sha256:")
                ? new DigestNotFound(
                        Digest.parse(tagOrDigest),
                        "The registry has no manifest " + tagOrDigest + " in " + reference + "; was it deleted?")
                : new TagNotFound(
                        tagOrDigest,
                        List.of(),
                        "The tag '" + tagOrDigest + "' does not exist in " + reference
                                + " (or the repository does not)");
    }

    @Override
    public Digest head(String tagOrDigest) {
        Request request = manifestRequest("HEAD", tagOrDigest);
        try (Answer answer = client.exchange(request)) {
            if (answer.status() == 404) {
                throw notFound(tagOrDigest);
            }
            Optional<String> digest = answer.ok() ? answer.header("Docker-Content-Digest") : Optional.empty();
            if (digest.isPresent() && digest.get().startsWith("sha256:")) {
                return Digest.parse(digest.get());
            }
        }
        return manifest(tagOrDigest).digest();
    }

    @Override
    public List<String> tags() {
        return new TagList(client, path, pull()).read();
    }

    @Override
    public InputStream openBlob(Descriptor blob, long offset) {
        Request plain = blobRequest(blob);
        Request request = offset == 0 ? plain : plain.header("Range", "bytes=" + offset + "-");
        try {
            int connections = client.connectionsPerBlob();
            if (connections > 1 && blob.size() - offset > SplitBlob.PART) {
                Optional<InputStream> split =
                        SplitBlob.open((start, end) -> openRange(blob, start, end), offset, blob.size(), connections);
                if (split.isPresent()) {
                    return split.get();
                }
            }
            return body(blobAnswer(request, blob), blob, offset);
        } catch (IOException e) {
            throw new RegistryUnavailable(
                    "Reading the answer to " + request.shown() + " broke off: " + e.getMessage(), e);
        }
    }

    private Optional<InputStream> openRange(Descriptor blob, long start, long end) throws IOException {
        Answer answer = blobAnswer(blobRequest(blob).header("Range", "bytes=" + start + "-" + (end - 1)), blob);
        if (answer.status() != 206) {
            answer.close();
            return Optional.empty();
        }
        return Optional.of(body(answer, blob, start));
    }

    private Request blobRequest(Descriptor blob) {
        return Request.of("GET", client.uri(path + "/blobs/" + blob.digest()), pull());
    }

    private Answer blobAnswer(Request request, Descriptor blob) {
        Answer answer = client.exchange(request);
        if (answer.status() == 404) {
            answer.close();
            throw new DigestNotFound(
                    blob.digest(),
                    "The registry has no blob " + blob.digest() + " in " + reference + "; push the model again");
        }
        if (!answer.ok()) {
            throw client.unexpected(request, answer);
        }
        return answer;
    }

    private InputStream body(Answer answer, Descriptor blob, long offset) throws IOException {
        try {
            return client.limited(BlobBody.from(answer, offset, blob.size()));
        } catch (IOException e) {
            answer.close();
            throw e;
        }
    }

    @Override
    public boolean hasBlob(Digest digest) {
        Request request = Request.of("HEAD", client.uri(path + "/blobs/" + digest), pull());
        try (Answer answer = client.exchange(request)) {
            return answer.ok();
        }
    }

    @Override
    public List<Descriptor> referrers(Digest subject) {
        var all = new ArrayList<Descriptor>();
        Request request = Request.of("GET", client.uri(path + "/referrers/" + subject), pull())
                .header("Accept", MediaTypes.OCI_INDEX);
        try (Answer answer = client.exchange(request)) {
            if (answer.ok()) {
                byte[] bytes = readWhole(request, answer, Manifest.LARGEST);
                if (Manifest.parse(bytes, MediaTypes.OCI_INDEX, "referrers of " + subject)
                        instanceof Manifest.Index list) {
                    all.addAll(list.manifests());
                }
            }
        }
        // Also where the API exists: what was pushed before the registry had it is only under the tag.
        fallbackIndex(subject).ifPresent(index -> all.addAll(index.manifests()));
        return Referrers.distinct(all);
    }

    private Optional<Manifest.Index> fallbackIndex(Digest subject) {
        try {
            return manifest(Referrers.fallbackTag(subject)).parsed() instanceof Manifest.Index index
                    ? Optional.of(index)
                    : Optional.empty();
        } catch (TagNotFound e) {
            return Optional.empty();
        }
    }

    @Override
    public void putBlob(Descriptor blob, BlobSource content) {
        if (!hasBlob(blob.digest())) {
            push.blob(blob, content);
        }
    }

    @Override
    public boolean mount(Digest blob, Reference from) {
        return from.registry().equals(reference.registry()) && push.mount(blob, from.path());
    }

    @Override
    public Digest putManifest(String tagOrDigest, String mediaType, byte[] bytes) {
        FetchedManifest manifest = FetchedManifest.of(bytes, mediaType, tagOrDigest + " for " + reference);
        boolean indexed = push.manifest(checked(tagOrDigest), manifest);
        if (!indexed) {
            manifest.parsed().subject().ifPresent(subject -> addToFallback(subject.digest(), manifest));
        }
        return manifest.digest();
    }

    private void addToFallback(Digest subject, FetchedManifest referrer) {
        var entries = new ArrayList<Descriptor>();
        fallbackIndex(subject).ifPresent(index -> entries.addAll(index.manifests()));
        if (entries.stream().noneMatch(e -> e.digest().equals(referrer.digest()))) {
            entries.add(Referrers.descriptor(referrer));
            byte[] index = Manifest.Index.of(entries, Map.of()).toBytes();
            putManifest(Referrers.fallbackTag(subject), MediaTypes.OCI_INDEX, index);
        }
    }

    @Override
    public void deleteManifest(Digest digest) {
        push.delete(digest);
    }
}
