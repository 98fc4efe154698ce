package health.vantage.models.runner.http;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import health.vantage.models.runner.access.ServerTls;
import health.vantage.models.runner.answer.HttpAnswer;
import health.vantage.models.runner.engine.EngineProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Health for the kubelet, metrics for Prometheus and the way to engines, on a port of their own so that a full gRPC queue does not look like death. */
public final class HttpFace implements AutoCloseable {
    private static final int BACKLOG = 128;

    private final HttpServer server;
    private final ExecutorService threads;

    private HttpFace(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * @param address port 0 for any
     * @param tls for HTTPS
     * @param access who may ask engines; health and metrics are open
     */
    public static HttpFace start(
            InetSocketAddress address,
            Optional<ServerTls> tls,
            BooleanSupplier ready,
            Supplier<String> metrics,
            HttpHandler engines,
            Filter access)
            throws IOException {
        try {
            HttpServer server = create(address, tls);
            // A thread each: whoever connects and says nothing must not keep the kubelet's probes from an answer.
            ExecutorService threads = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("http-", 0).factory());
            server.setExecutor(threads);
            server.createContext("/healthz/live", exchange -> answer(exchange, 200, "live\n"));
            server.createContext("/healthz/ready", exchange -> {
                boolean up = ready.getAsBoolean();
                answer(exchange, up ? 200 : 503, up ? "ready\n" : "not ready\n");
            });
            server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.get()));
            server.createContext(EngineProxy.PREFIX, engines).getFilters().add(access);
            server.start();
            return new HttpFace(server, threads);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    private static HttpServer create(InetSocketAddress address, Optional<ServerTls> tls) throws IOException {
        if (tls.isEmpty()) {
            return HttpServer.create(address, BACKLOG);
        }
        HttpsServer server = HttpsServer.create(address, BACKLOG);
        server.setHttpsConfigurator(tls.get().forHttp());
        return server;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        HttpAnswer.send(
                exchange, status, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        HttpAnswer.finish(exchange);
    }

    /**
     * Answers what is below a path as well.
     *
     * @param access asked before the handler
     */
    public void serve(String path, HttpHandler handler, Filter access) {
        server.createContext(path, handler).getFilters().add(access);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
