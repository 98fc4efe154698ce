package health.vantage.models.runner.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A stand-in for the API server, of one ModelNode: list, watch over plain HTTP, and status patches. It can do on command what a real one
 * does rarely: let a watch expire, and be away.
 */
final class StubApiServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> patches = new LinkedBlockingQueue<>();
    private volatile String modelNode;
    private volatile long resourceVersion = 100;
    private volatile boolean watched;

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

    /** Whether somebody watches now. */
    boolean watched() {
        return watched;
    }

    /** The bodies of the status patches so far. */
    BlockingQueue<String> patches() {
        return patches;
    }

    /** Changes the object without telling the watch, then ends the watch as one whose resourceVersion is gone from etcd. */
    void expireWatch(String changed) {
        modelNode = changed;
        resourceVersion++;
        events.add("""
                {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
                "message":"too old resource version","reason":"Expired","code":410}}""");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (exchange.getRequestMethod().equals("PATCH")) {
            patches.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            send(exchange, 200, object());
        } else if (!query.contains("watch=true")) {
            send(exchange, 200, """
                    {"kind":"ModelNodeList","apiVersion":"models.vantage.health/v1alpha1",\
                    "metadata":{"resourceVersion":"%d"},"items":[%s]}""".formatted(resourceVersion, object()));
        } else if (exchange.getRequestHeaders().containsKey("Upgrade")) {
            // No WebSocket here: the client then watches over plain HTTP.
            send(exchange, 200, "{}");
        } else {
            watch(exchange);
        }
    }

    private void watch(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            body.flush();
            watched = true;
            body.write((events.take() + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            watched = false;
        }
    }

    private String object() {
        return modelNode.replace("RESOURCE_VERSION", Long.toString(resourceVersion));
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
