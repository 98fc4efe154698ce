package health.vantage.models.runner.samples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A small real HTTP server in place of vLLM, which needs a GPU and gigabytes: a process of its own that a runner starts, asks and ends as
 * it would vLLM. Its model is a file {@code models/engine.txt}; the first line is what it answers, further lines are what goes wrong:
 *
 * <ul>
 *   <li>{@code dies}: right at the start
 *   <li>{@code never-healthy}: answers 503 for ever
 *   <li>{@code slow}: healthy after a second
 *   <li>{@code ignores-term}: has a worker process that TERM does not end
 * </ul>
 *
 * {@code GET /crash} ends it at once, {@code GET /hang} makes its health URL hang, {@code GET /fail} answers 500.
 */
public final class TinyEngine {
    private static final long BEGUN = System.nanoTime();
    private static final AtomicInteger STREAMS = new AtomicInteger();
    private static volatile boolean hangs;

    private TinyEngine() {}

    /** The command that starts one: its class alone, without this JVM's class path. */
    public static List<String> command() {
        Path classes = Path.of(TinyEngine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx32m",
                "-cp",
                classes.toString(),
                TinyEngine.class.getName(),
                "{model}",
                "{port}");
    }

    public static void main(String[] arguments) throws IOException {
        List<String> words = Files.readAllLines(Path.of(arguments[0], "engine.txt"));
        if (words.contains("dies")) {
            System.err.println("CUDA out of memory, says the tiny engine");
            System.exit(3);
        }
        if (words.contains("ignores-term")) {
            new ProcessBuilder("sh", "-c", "trap '' TERM; while :; do sleep 1; done").start();
        }
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1])), 64);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/health", exchange -> health(exchange, words));
        server.createContext("/v1/who", exchange -> answer(exchange, 200, words.getFirst()));
        server.createContext(
                "/v1/echo",
                exchange -> answer(
                        exchange,
                        200,
                        exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                                + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        server.createContext("/v1/headers", exchange -> {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            answer(exchange, 200, authorization == null ? "none" : authorization);
        });
        server.createContext(
                "/v1/gpu", exchange -> answer(exchange, 200, String.valueOf(System.getenv("CUDA_VISIBLE_DEVICES"))));
        server.createContext("/v1/stream", TinyEngine::stream);
        server.createContext("/v1/endless", TinyEngine::endless);
        server.createContext("/v1/streams", exchange -> answer(exchange, 200, "" + STREAMS.get()));
        server.createContext(
                "/pid",
                exchange -> answer(exchange, 200, "" + ProcessHandle.current().pid()));
        server.createContext("/fail", exchange -> answer(exchange, 500, "out of ideas"));
        server.createContext("/missing", exchange -> answer(exchange, 404, "no such thing"));
        server.createContext("/crash", exchange -> Runtime.getRuntime().halt(3));
        server.createContext("/break", TinyEngine::breakOff);
        server.createContext("/hang", exchange -> {
            hangs = true;
            answer(exchange, 200, "hangs from now on");
        });
        server.createContext(
                "/metrics",
                exchange -> answer(
                        exchange,
                        200,
                        "# HELP tiny_requests_total All\n# TYPE tiny_requests_total counter\n"
                                + "tiny_requests_total{model=\"inner\"} 7\ntiny_up 1\n"));
        server.start();
        System.out.println("tiny engine serves " + words.getFirst());
    }

    private static void health(HttpExchange exchange, List<String> words) throws IOException {
        while (hangs) {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        boolean late = words.contains("slow") && System.nanoTime() - BEGUN < 1_000_000_000L;
        answer(exchange, late || words.contains("never-healthy") ? 503 : 200, "");
    }

    /** Two server-sent events, the second only when the caller has had time to see the first. */
    private static void stream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write("data: one\n\n".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.getResponseBody().write("data: two\n\n".getBytes(StandardCharsets.UTF_8));
        exchange.close();
    }

    /** Says something every now and then until nobody listens. */
    private static void endless(HttpExchange exchange) throws IOException {
        STREAMS.incrementAndGet();
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write("data: more\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            STREAMS.decrementAndGet();
        }
    }

    /** Promises more than it says. */
    private static void breakOff(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().write("only this".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        throw new IOException("as asked");
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }
}
