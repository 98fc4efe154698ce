package health.vantage.models.artifact.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** One HTTP request and its answer. */
final class HttpExchange {
    private HttpExchange() {}

    /**
     * @param headers without Authorization, which the client adds where it belongs
     * @param body empty for requests without one
     * @param scope what a token must allow, such as {@code repository:vantage/retina-seg:pull}
     */
    record Request(String method, URI uri, Map<String, String> headers, Optional<Body> body, String scope) {
        static Request of(String method, URI uri, String scope) {
            return new Request(method, uri, Map.of(), Optional.empty(), scope);
        }

        Request header(String name, String value) {
            var all = new LinkedHashMap<>(headers);
            all.put(name, value);
            return new Request(method, uri, all, body, scope);
        }

        Request body(String mediaType, byte[] bytes) {
            return header("Content-Type", mediaType).body(new Body(BlobSource.of(bytes), bytes.length));
        }

        Request body(Body content) {
            return new Request(method, uri, headers, Optional.of(content), scope);
        }

        /** For errors: without the query, which may hold a signature or an upload's state. */
        String shown() {
            return method + " " + shown(uri);
        }

        static String shown(URI uri) {
            return uri.getScheme() + "://" + uri.getAuthority() + uri.getPath();
        }
    }

    record Body(BlobSource source, long size) {}

    /** The status line and headers; the body is read by whoever asked. */
    static final class Answer implements AutoCloseable {
        private static final int SMALL = 64 << 10;

        private final HttpURLConnection connection;
        private final int status;

        Answer(HttpURLConnection connection, int status) {
            this.connection = connection;
            this.status = status;
        }

        int status() {
            return status;
        }

        boolean ok() {
            return status >= 200 && status < 300;
        }

        Optional<String> header(String name) {
            return Optional.ofNullable(connection.getHeaderField(name)).map(String::strip);
        }

        /** The length the server says the body has; -1 if it does not say. */
        long contentLength() {
            return connection.getContentLengthLong();
        }

        URI uri() {
            return URI.create(connection.getURL().toString());
        }

        InputStream body() throws IOException {
            InputStream in = ok() ? connection.getInputStream() : connection.getErrorStream();
            return in == null ? InputStream.nullInputStream() : in;
        }

        /** Reads away a short rest, so that the connection can be used again; drops the connection otherwise. */
        @Override
        public void close() {
            try (InputStream in = body()) {
                if (in.readNBytes(SMALL).length == SMALL) {
                    connection.disconnect();
                }
            } catch (IOException e) {
                // The answer was used already; all that is lost is the connection.
                connection.disconnect();
            }
        }
    }
}
