package health.vantage.models.cli.start;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** Serves what is in one repository on loopback, as far as a pull asks for it. For rehearsing only: no ranges, no lists. */
final class LoopbackRegistry implements AutoCloseable {
    static final String NAME = "rehearsal";

    private final Repository content;
    private final Manifest.Artifact model;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param tag of the only model that is served */
    LoopbackRegistry(Repository content, String tag, SSLContext tls) throws IOException {
        this(content, tag, secure(tls));
    }

    LoopbackRegistry(Repository content, String tag) throws IOException {
        this(content, tag, HttpServer.create(anyPort(), 0));
    }

    private LoopbackRegistry(Repository content, String tag, HttpServer server) {
        this.content = content;
        this.model = (Manifest.Artifact) content.manifest(tag).parsed();
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/v2/" + NAME + "/manifests/", this::manifest);
        server.createContext("/v2/" + NAME + "/blobs/", this::blob);
        server.start();
    }

    private static HttpServer secure(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private static String last(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void manifest(HttpExchange exchange) throws IOException {
        try (exchange) {
            FetchedManifest found = find(last(exchange));
            if (found == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().add("Content-Type", found.mediaType());
            exchange.sendResponseHeaders(200, found.bytes().length);
            exchange.getResponseBody().write(found.bytes());
        }
    }

    private FetchedManifest find(String tagOrDigest) {
        try {
            return content.manifest(tagOrDigest);
        } catch (ArtifactException e) {
            // Such as a signature: nobody signs a rehearsal.
            return null;
        }
    }

    private void blob(HttpExchange exchange) throws IOException {
        Digest digest = Digest.parse(last(exchange));
        Descriptor blob = model.layers().stream()
                .filter(layer -> layer.digest().equals(digest))
                .findFirst()
                .orElse(model.config());
        try (exchange;
                InputStream in = content.openBlob(blob, 0)) {
            exchange.sendResponseHeaders(200, blob.size());
            in.transferTo(exchange.getResponseBody());
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
