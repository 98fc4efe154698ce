package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.HttpExchange.Answer;
import health.vantage.models.artifact.registry.HttpExchange.Body;
import health.vantage.models.artifact.registry.HttpExchange.Request;
import java.net.URI;
import java.util.Optional;

/** The requests that change a repository in a registry. Source: OCI distribution spec 1.1, "Push". */
final class RemotePush {
    private final Reference reference;
    private final RegistryClient client;
    private final String path;
    private final String scope;

    RemotePush(Reference reference, RegistryClient client, String path) {
        this.reference = reference;
        this.client = client;
        this.path = path;
        this.scope = "repository:" + reference.path() + ":pull,push";
    }

    void blob(Descriptor blob, BlobSource content) {
        URI upload = startUpload(Request.of("POST", client.uri(path + "/blobs/uploads/"), scope));
        finishUpload(upload, blob, content);
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

    private void finishUpload(URI upload, Descriptor blob, BlobSource content) {
        String query = (upload.getRawQuery() == null ? "?" : "&") + "digest="
                + blob.digest().toString().replace(":", "%3A");
        BlobSource checked = () -> new VerifyingInputStream(content.open(), blob, "The content to push");
        Request request = Request.of("PUT", URI.create(upload + query), scope)
                .header("Content-Type", "application/octet-stream")
                .body(new Body(checked, blob.size()));
        try (Answer answer = client.exchange(request)) {
            if (answer.status() != 201) {
                throw client.unexpected(request, answer);
            }
        }
    }

    /** @param from the path of another repository of the same registry */
    boolean mount(Digest blob, String from) {
        String query = "?mount=" + blob.toString().replace(":", "%3A") + "&from=" + from.replace("/", "%2F");
        Request request = Request.of(
                        "POST", client.uri(path + "/blobs/uploads/" + query), scope + " repository:" + from + ":pull")
                .body(new Body(BlobSource.of(new byte[0]), 0));
        try (Answer answer = client.exchange(request)) {
            // 202 means that the registry opened an upload instead; it expires by itself.
            return answer.status() == 201;
        } catch (RegistryDenied e) {
            // Not being allowed to read the other repository only costs the upload.
            return false;
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
