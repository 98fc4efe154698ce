package health.vantage.models.runner.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A stand-in for the API server, of one ModelNode: lists and status patches. Watches, and what ends them, are told on the real API
 * server by the whole-system stories.
 */
final class StubApiServer implements AutoCloseable {
    private static final long RESOURCE_VERSION = 100;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<String> patches = new LinkedBlockingQueue<>();
    private final String modelNode;

    /** @param port 0 for any */
    StubApiServer(int port, String modelNode) throws IOException {
        this.modelNode = modelNode;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
        server.setExecutor(threads);
        server.createContext("/apis/models.vantage.health/v1alpha1/modelnodes", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** The bodies of the status patches so far. */
    BlockingQueue<String> patches() {
        return patches;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (exchange.getRequestMethod().equals("PATCH")) {
            patches.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            send(exchange, 200, object());
        } else if (!query.contains("watch=true")) {
            send(exchange, 200, """
                    {"kind":"ModelNodeList","apiVersion":"models.vantage.health/v1alpha1",\
                    "metadata":{"resourceVersion":"%d"},"items":[%s]}""".formatted(RESOURCE_VERSION, object()));
        } else {
            send(exchange, 503, "{}");
        }
    }

    private String object() {
        return modelNode.replace("RESOURCE_VERSION", Long.toString(RESOURCE_VERSION));
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        try (exchange) {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
