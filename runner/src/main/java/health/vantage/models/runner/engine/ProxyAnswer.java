package health.vantage.models.runner.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;

/** The runner's own answers, in the form of OpenAI's API, whose clients show {@code error.message} to people. */
final class ProxyAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOON = "1";

    private ProxyAnswer() {}

    static void refuse(HttpExchange exchange, int status, String message) throws IOException {
        byte[] body = JSON.writeValueAsBytes(
                Map.of("error", Map.of("message", message, "type", "runner_error", "code", status)));
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (status == 429 || status == 503) {
            exchange.getResponseHeaders().set("Retry-After", SOON);
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }
}
