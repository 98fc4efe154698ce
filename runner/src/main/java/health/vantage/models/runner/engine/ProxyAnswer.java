package health.vantage.models.runner.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.runner.answer.HttpAnswer;
import java.io.IOException;
import java.util.Map;

/** The runner's own answers, in the form of OpenAI's API, whose clients show {@code error.message} to people. */
final class ProxyAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOON = "1";

    private ProxyAnswer() {}

    static void refuse(HttpExchange exchange, int status, String message) throws IOException {
        if (status == 429 || status == 503) {
            exchange.getResponseHeaders().set("Retry-After", SOON);
        }
        HttpAnswer.send(
                exchange,
                status,
                "application/json",
                JSON.writeValueAsBytes(
                        Map.of("error", Map.of("message", message, "type", "runner_error", "code", status))));
    }
}
