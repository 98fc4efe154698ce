package health.vantage.models.runner.answer;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer that the caller gets to read, also when its request was refused before all of it had come. A connection that is closed with
 * bytes unread is reset (RFC 1122, section 4.2.2.13), and the reset may overtake the answer: so what still comes is read and dropped for a
 * while, as nginx does with {@code lingering_close}.
 */
public final class HttpAnswer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpAnswer.class);

    private static final int NO_BODY = -1;
    private static final int LENGTH_UNKNOWN = 0;
    private static final int CHUNK = 16 * 1024;
    private static final long MOST_DROPPED = 256L << 20;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private HttpAnswer() {}

    /** Sends an answer; its caller reads it at once, and the exchange ends with {@link #finish}. */
    public static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, NO_BODY);
            return;
        }
        // The JDK's server closes the request with the last promised byte of the answer: where some of the request may
        // still be on its
        // way, no length is promised.
        exchange.sendResponseHeaders(status, hasBody(exchange) ? LENGTH_UNKNOWN : body.length);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
    }

    /** Reads what is left of the request, up to a limit of bytes and time, and closes the exchange. */
    public static void finish(HttpExchange exchange) {
        try (exchange) {
            if (hasBody(exchange)) {
                drop(exchange.getRequestBody());
            }
        } catch (IOException e) {
            // The answer was sent: there is nothing more to tell to a caller that has left.
            LOG.debug("what was left of a request cannot be read", e);
        }
    }

    private static void drop(InputStream request) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long end = System.nanoTime() + LONGEST.toNanos();
        long dropped = 0;
        for (int read = request.read(chunk); read >= 0; read = request.read(chunk)) {
            dropped += read;
            if (dropped > MOST_DROPPED || System.nanoTime() > end) {
                return;
            }
        }
    }

    private static boolean hasBody(HttpExchange exchange) {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        return exchange.getRequestHeaders().containsKey("Transfer-Encoding") || (length != null && !length.equals("0"));
    }
}
