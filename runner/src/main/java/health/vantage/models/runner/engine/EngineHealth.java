package health.vantage.models.runner.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Asks an engine over HTTP on the loopback interface, each time on a connection of its own. */
record EngineHealth(URI url, Duration timeout) {
    /** Why it is not healthy; empty when it is. */
    Optional<String> complaint() {
        try {
            HttpURLConnection connection = open(url, timeout);
            try {
                int status = connection.getResponseCode();
                return status / 100 == 2
                        ? Optional.empty()
                        : Optional.of(url.getPath() + " answers with status " + status);
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return Optional.of(url + " does not answer: " + e.getMessage());
        }
    }

    /** The body of a GET, as far as it is not longer than {@code most} bytes. */
    static byte[] get(URI url, Duration timeout, int most) throws IOException {
        HttpURLConnection connection = open(url, timeout);
        try (InputStream body = connection.getInputStream()) {
            byte[] bytes = body.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(url + " answers with more than " + most + " bytes");
            }
            return bytes;
        } finally {
            connection.disconnect();
        }
    }

    /** Neither proxies of the environment nor redirects: an engine is on this machine. */
    static HttpURLConnection open(URI url, Duration timeout) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout((int) Math.min(timeout.toMillis(), 5_000));
        connection.setReadTimeout((int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
        // A kept connection may be closed by the engine in the moment that a request takes it up.
        connection.setRequestProperty("Connection", "close");
        return connection;
    }
}
