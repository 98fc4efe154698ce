package health.vantage.models.artifact.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers whatever a test tells it to: for the odd answers that no real registry can be made to give (503, cut-off
 * bodies, ranges ignored, wrong digests, redirects). Everything else is tested against a real one.
 */
public final class StubRegistry implements AutoCloseable {
    /** Answers one request. */
    @FunctionalInterface
    public interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]*)");

    private final HttpServer server;
    private final Map<String, List<Answer>> answers = Collections.synchronizedMap(new LinkedHashMap<>());
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());

    public StubRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** The answers to "GET /path", one after the other; the last stays. */
    public StubRegistry on(String methodAndPath, Answer... inTurn) {
        answers.put(methodAndPath, new ArrayList<>(List.of(inTurn)));
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        String key =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        seen.add(key + (range == null ? "" : " " + range));
        authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        List<Answer> inTurn = answers.get(key);
        Answer answer = inTurn == null ? status(404) : inTurn.size() > 1 ? inTurn.removeFirst() : inTurn.getFirst();
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            answer.to(exchange);
        }
    }

    public static Answer status(int status, String... headers) {
        return body(status, new byte[0], headers);
    }

    public static Answer body(int status, byte[] body, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
            if (!head && body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        };
    }

    /** Announces the whole body and breaks the connection after {@code sent} bytes of it. */
    public static Answer cutOff(byte[] body, int sent) {
        return exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body, 0, sent);
            exchange.getResponseBody().flush();
        };
    }

    /** Answers a Range request as RFC 9110 wants it. */
    public static Answer ranged(byte[] body) {
        return exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range == null) {
                body(200, body).to(exchange);
                return;
            }
            Matcher asked = RANGE.matcher(range);
            if (!asked.matches()) {
                throw new IOException("not a range: " + range);
            }
            int from = Integer.parseInt(asked.group(1));
            int end = asked.group(2).isEmpty() ? body.length : Integer.parseInt(asked.group(2)) + 1;
            byte[] part = Arrays.copyOfRange(body, from, end);
            body(206, part, "Content-Range", "bytes " + from + "-" + (end - 1) + "/" + body.length)
                    .to(exchange);
        };
    }

    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** "GET /path" of every request, with its Range, in order. */
    public List<String> seen() {
        return List.copyOf(seen);
    }

    /** The Authorization header of every request, "null" where it had none. */
    public List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
