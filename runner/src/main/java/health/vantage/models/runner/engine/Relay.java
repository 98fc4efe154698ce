package health.vantage.models.runner.engine;

import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.runner.backend.ExternalModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** One request on its way to an engine and its answer on the way back, byte by byte as they come: an LLM's tokens must not wait for the last. */
final class Relay {
    /** RFC 9110, section 7.6.1: they speak of one connection, not of the request. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect");

    private static final int CHUNK = 16 * 1024;

    private final HttpExchange exchange;
    private final ExternalModel engine;
    private final Target target;
    private final boolean ownTokens;

    Relay(HttpExchange exchange, ExternalModel engine, Target target, boolean ownTokens) {
        this.exchange = exchange;
        this.engine = engine;
        this.target = target;
        this.ownTokens = ownTokens;
    }

    /** What came of it. */
    sealed interface Outcome {}

    record Answered() implements Outcome {}

    /** Status 4xx, from the engine or for a body that is too large. */
    record CallersFault() implements Outcome {}

    record CallerGone() implements Outcome {}

    /** Status 5xx from the engine, passed on. */
    record EngineError() implements Outcome {}

    /** No answer came; the caller is still to be told. */
    record Refused(int status, String why) implements Outcome {}

    /** The answer broke off in the middle. */
    record Failed(String why) implements Outcome {}

    private static final class CallerLost extends IOException {
        CallerLost(IOException cause) {
            super(cause);
        }
    }

    private static final class TooLarge extends IOException {}

    Outcome run() throws IOException {
        HttpURLConnection connection;
        try {
            connection = EngineHealth.open(
                    target.at(engine.address()), engine.limits().silence());
            connection.setRequestMethod(exchange.getRequestMethod());
        } catch (ProtocolException e) {
            ProxyAnswer.refuse(exchange, 405, exchange.getRequestMethod() + " is not passed on to engines");
            return new CallersFault();
        } catch (IllegalArgumentException e) {
            ProxyAnswer.refuse(exchange, 400, "the path cannot be passed on: " + e.getMessage());
            return new CallersFault();
        }
        try {
            return exchange(connection);
        } finally {
            connection.disconnect();
        }
    }

    private Outcome exchange(HttpURLConnection connection) throws IOException {
        int status;
        try {
            send(connection);
            status = connection.getResponseCode();
        } catch (TooLarge e) {
            ProxyAnswer.refuse(
                    exchange,
                    413,
                    "the request has more than " + engine.limits().requestBytes() + " bytes (maxRequestMiB)");
            return new CallersFault();
        } catch (CallerLost e) {
            return new CallerGone();
        } catch (HttpRetryException e) {
            // The JDK keeps the body of a 401 to a streamed request to itself.
            ProxyAnswer.refuse(exchange, e.responseCode(), "the engine refuses: status " + e.responseCode());
            return new CallersFault();
        } catch (SocketTimeoutException e) {
            return new Refused(
                    504, "no answer within " + engine.limits().silence().toSeconds() + " s (requestTimeout)");
        } catch (IOException e) {
            return new Refused(502, "the engine broke off: " + e.getMessage());
        }
        return receive(connection, status);
    }

    private void send(HttpURLConnection connection) throws IOException {
        for (Map.Entry<String, List<String>> header :
                exchange.getRequestHeaders().entrySet()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name) && !(ownTokens && name.equals("authorization"))) {
                header.getValue().forEach(value -> connection.addRequestProperty(header.getKey(), value));
            }
        }
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        boolean chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
        if (length == null && !chunked) {
            return;
        }
        long most = engine.limits().requestBytes();
        if (length == null) {
            connection.setChunkedStreamingMode(CHUNK);
        } else {
            long bytes = Long.parseLong(length);
            if (bytes > most) {
                throw new TooLarge();
            }
            if (bytes == 0 && exchange.getRequestMethod().equals("GET")) {
                return;
            }
            connection.setFixedLengthStreamingMode(bytes);
        }
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
            InputStream in = exchange.getRequestBody();
            byte[] chunk = new byte[CHUNK];
            long passed = 0;
            for (int read = fromCaller(in, chunk); read >= 0; read = fromCaller(in, chunk)) {
                passed += read;
                if (passed > most) {
                    throw new TooLarge();
                }
                out.write(chunk, 0, read);
            }
        }
    }

    private static int fromCaller(InputStream in, byte[] chunk) throws CallerLost {
        try {
            return in.read(chunk);
        } catch (IOException e) {
            throw new CallerLost(e);
        }
    }

    private Outcome receive(HttpURLConnection connection, int status) throws IOException {
        connection.getHeaderFields().forEach((name, values) -> {
            if (name != null && !HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            boolean empty = in == null
                    || status == 204
                    || status == 304
                    || exchange.getRequestMethod().equals("HEAD");
            long length = connection.getContentLengthLong();
            // For the JDK's server -1 is no body, and 0 one of unknown length.
            exchange.sendResponseHeaders(status, empty || length == 0 ? -1 : Math.max(0, length));
            if (!empty && length != 0) {
                pump(in);
            }
            exchange.close();
        } catch (CallerLost e) {
            return new CallerGone();
        } catch (IOException e) {
            return new Failed("its answer broke off: " + e.getMessage());
        }
        return status >= 500 ? new EngineError() : status >= 400 ? new CallersFault() : new Answered();
    }

    private void pump(InputStream in) throws IOException {
        OutputStream out = exchange.getResponseBody();
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            try {
                out.write(chunk, 0, read);
                out.flush();
            } catch (IOException e) {
                throw new CallerLost(e);
            }
        }
    }
}
