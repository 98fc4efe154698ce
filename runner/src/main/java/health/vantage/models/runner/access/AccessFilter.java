package health.vantage.models.runner.access;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import health.vantage.models.runner.access.Access.Credentials;
import health.vantage.models.runner.answer.HttpAnswer;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Caller;
import health.vantage.models.runner.serve.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The same for the HTTP port: put it before every context that computes or tells of models. Health and metrics stay without it: a kubelet
 * and a Prometheus that ask them send neither token nor certificate, and they hold names and counts only.
 */
public final class AccessFilter extends Filter {
    private static final String AUTHORIZATION = "Authorization";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Access access;

    public AccessFilter(Access access) {
        this.access = access;
    }

    @Override
    public String description() {
        return "who calls, and within its limits";
    }

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
        try {
            Client client = access.client(credentials(exchange));
            try (ByteBudget.Share _ = client.begin()) {
                Caller caller = client.with(
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("traceparent")));
                ScopedValue.where(Caller.CURRENT, caller).call(() -> {
                    chain.doFilter(exchange);
                    return null;
                });
            }
        } catch (AccessDenied denied) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            refuse(exchange, 401, denied.getMessage());
        } catch (Refusal refusal) {
            refuse(exchange, 429, refusal.getMessage());
        }
    }

    private static Credentials credentials(HttpExchange exchange) {
        return new Credentials(
                Optional.ofNullable(exchange.getRequestHeaders().getFirst(AUTHORIZATION)),
                exchange instanceof HttpsExchange secure
                        ? Credentials.shownIn(secure.getSSLSession())
                        : Optional.empty(),
                exchange.getRemoteAddress());
    }

    private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
        byte[] body = JSON.createObjectNode().put("error", why).toString().getBytes(StandardCharsets.UTF_8);
        HttpAnswer.send(exchange, status, "application/json", body);
        HttpAnswer.finish(exchange);
    }
}
