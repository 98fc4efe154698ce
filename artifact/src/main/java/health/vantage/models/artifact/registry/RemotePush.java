package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.HttpExchange.Answer;
import health.vantage.models.artifact.registry.HttpExchange.Body;
import health.vantage.models.artifact.registry.HttpExchange.Request;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The requests that change a repository in a registry. Source: OCI distribution spec 1.1, "Push". */
final class RemotePush {
    private static final Logger LOG = LoggerFactory.getLogger(RemotePush.class);

    private final Reference reference;
    private final RegistryClient client;
    private final String path;
    private final String scope;
    /** What the registry opened because it could not mount a blob: the way for its content. */
    private final Map<Digest, URI> opened = new ConcurrentHashMap<>();

    RemotePush(Reference reference, RegistryClient client, String path) {
        this.reference = reference;
        this.client = client;
        this.path = path;
        this.scope = "repository:" + reference.path() + ":pull,push";
    }

    void blob(Descriptor blob, BlobSource content) {
        URI already = opened.remove(blob.digest());
        // One that was opened a while ago may have expired.
        if (already != null && finishUpload(already, blob, content)) {
            return;
        }
        URI upload = startUpload(Request.of("POST", client.uri(path + "/blobs/uploads/"), scope));
        if (!finishUpload(upload, blob, content)) {
            throw new RegistryDenied("The registry " + client.host() + " does not know the upload of " + blob.digest()
                    + " to " + reference + " that it has just begun; if it runs in several processes, they must share"
                    + " their storage and their secret");
        }
    }

    private URI startUpload(Request request) {
        Request empty = request.body(new Body(BlobSource.of(new byte[0]), 0));
        try (Answer answer = client.exchange(empty)) {
            if (answer.status() != 202) {
                throw client.unexpected(request, answer);
            }
            return answer.header("Location")
                    .map(location -> uploadAt(answer.uri(), location))
                    .orElseThrow(() -> client.unexpected(request, answer));
        }
    }

    private URI uploadAt(URI asked, String location) {
        try {
            return asked.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new RegistryDenied(
                    "The registry " + client.host() + " sends an upload to something that is not an address", e);
        }
    }

    /** Whether the registry knows the upload. */
    private boolean finishUpload(URI upload, Descriptor blob, BlobSource content) {
        String query = (upload.getRawQuery() == null ? "?" : "&") + "digest="
                + blob.digest().toString().replace(":", "%3A");
        BlobSource checked = () -> new VerifyingInputStream(content.open(), blob, "The content to push");
        Request request = Request.of("PUT", URI.create(upload + query), scope)
                .header("Content-Type", "application/octet-stream")
                .body(new Body(checked, blob.size()));
        try (Answer answer = client.exchange(request)) {
            if (answer.status() != 201 && answer.status() != 404) {
                throw client.unexpected(request, answer);
            }
            return answer.status() == 201;
        }
    }

    /** @param from the path of another repository of the same registry */
    boolean mount(Digest blob, String from) {
        try {
            // A miss opens an upload. One is of use; before a second would be opened, it is asked whether that can be
            // avoided.
            return (!opened.containsKey(blob) || has(blob, from)) && mountNow(blob, from);
        } catch (RegistryDenied e) {
            // Not being allowed to read the other repository only costs the upload.
            return false;
        }
    }

    private boolean has(Digest blob, String from) {
        Request request =
                Request.of("HEAD", client.uri("/v2/" + from + "/blobs/" + blob), "repository:" + from + ":pull");
        try (Answer answer = client.exchange(request)) {
            return answer.ok();
        }
    }

    private boolean mountNow(Digest blob, String from) {
        String query = "?mount=" + blob.toString().replace(":", "%3A") + "&from=" + from.replace("/", "%2F");
        Request request = Request.of(
                        "POST", client.uri(path + "/blobs/uploads/" + query), scope + " repository:" + from + ":pull")
                .body(new Body(BlobSource.of(new byte[0]), 0));
        try (Answer answer = client.exchange(request)) {
            boolean mounted = answer.status() == 201;
            if (mounted && opened.containsKey(blob)) {
                cancel(opened.remove(blob));
            } else if (answer.status() == 202) {
                answer.header("Location").ifPresent(location -> keep(blob, uploadAt(answer.uri(), location)));
            }
            return mounted;
        }
    }

    private void keep(Digest blob, URI upload) {
        if (opened.putIfAbsent(blob, upload) != null) {
            cancel(upload);
        }
    }

    /** Not part of OCI's specification, but of Docker's, and most registries do it. */
    private void cancel(URI upload) {
        try {
            client.exchange(Request.of("DELETE", upload, scope)).close();
        } catch (ArtifactException e) {
            LOG.debug("an upload stays open until it expires: {}", e.getMessage());
        }
    }

    /** Whether the registry says that it has entered the manifest among its subject's referrers. */
    boolean manifest(String tagOrDigest, FetchedManifest manifest) {
        Request request = Request.of("PUT", client.uri(path + "/manifests/" + tagOrDigest), scope)
                .body(manifest.mediaType(), manifest.bytes());
        try (Answer answer = client.exchange(request)) {
            if (!answer.ok()) {
                throw client.unexpected(request, answer);
            }
            Optional<String> stored = answer.header("Docker-Content-Digest");
            if (stored.filter(d -> !d.equals(manifest.digest().toString())).isPresent()) {
                throw new IntegrityMismatch("The registry stored the manifest " + tagOrDigest + " of " + reference
                        + " as " + stored.get() + ", not " + manifest.digest() + "; it changes what is pushed");
            }
            return answer.header("OCI-Subject").isPresent();
        }
    }

    void delete(Digest digest) {
        Request request = Request.of(
                "DELETE",
                client.uri(path + "/manifests/" + digest),
                "repository:" + reference.path() + ":pull,push,delete");
        try (Answer answer = client.exchange(request)) {
            if (answer.status() == 405) {
                throw new RegistryDenied(
                        "The registry " + client.host() + " does not delete; its operator has to allow it");
            }
            if (!answer.ok() && answer.status() != 404) {
                throw client.unexpected(request, answer);
            }
        }
    }
}
