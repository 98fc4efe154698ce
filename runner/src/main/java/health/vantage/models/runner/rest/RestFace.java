package health.vantage.models.runner.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import health.vantage.models.runner.answer.HttpAnswer;
import health.vantage.models.runner.openinference.Extensions;
import health.vantage.models.runner.openinference.ModelDirectory;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedMemoryException;
import health.vantage.models.runner.shm.SharedRegions;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Open Inference Protocol, version 2, over HTTP under {@code /v2}, with Triton's binary, statistics, repository and shared memory
 * extensions. The same requests as over gRPC, with the same limits.
 */
public final class RestFace implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RestFace.class);

    private static final int MAX_SMALL_BODY = 64 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ModelDirectory models;
    private final RestInference inference;
    private final SharedRegions regions;
    private final BooleanSupplier ready;
    private final String version;

    public RestFace(
            ModelDirectory models,
            RestInference inference,
            SharedRegions regions,
            BooleanSupplier ready,
            String version) {
        this.models = models;
        this.inference = inference;
        this.regions = regions;
        this.ready = ready;
        this.version = version;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } catch (Refusal refusal) {
            refuse(exchange, HttpStatus.of(refusal), refusal.getMessage());
        } catch (HttpFailure failure) {
            refuse(exchange, failure.status(), failure.getMessage());
        } catch (SharedMemoryException e) {
            refuse(
                    exchange,
                    e.kind() == SharedMemoryException.Kind.DISABLED
                            ? HttpStatus.NOT_IMPLEMENTED
                            : HttpStatus.BAD_REQUEST,
                    e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.warn(
                    "{} {}",
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    e);
            refuse(exchange, 500, e.toString());
        }
        HttpAnswer.finish(exchange);
    }

    private void answer(HttpExchange exchange) throws IOException, SharedMemoryException {
        List<String> path = path(exchange);
        switch (path.isEmpty() ? "" : path.getFirst()) {
            case "" -> send(get(exchange), server());
            case "health" -> health(get(exchange), path.size() == 2 ? path.get(1) : "");
            case "models" -> model(exchange, path.subList(1, path.size()));
            case "repository" -> repository(exchange, path.subList(1, path.size()));
            case "systemsharedmemory" -> sharedMemory(exchange, path.subList(1, path.size()));
            case "cudasharedmemory" ->
                throw new HttpFailure(HttpStatus.NOT_IMPLEMENTED, "this runner takes no CUDA shared memory");
            case "trace", "logging" ->
                throw new HttpFailure(
                        HttpStatus.NOT_IMPLEMENTED,
                        "this runner has no " + path.getFirst() + " settings over its port");
            default -> throw unknown(exchange);
        }
    }

    private ObjectNode server() {
        ObjectNode server =
                JSON.createObjectNode().put("name", "vantage-runner").put("version", version);
        ArrayNode extensions = server.putArray("extensions");
        Extensions.of(regions).forEach(extensions::add);
        return server;
    }

    private void health(HttpExchange exchange, String what) throws IOException {
        switch (what) {
            case "live" -> send(exchange, HttpStatus.OK);
            case "ready" -> send(exchange, ready.getAsBoolean() ? HttpStatus.OK : HttpStatus.UNAVAILABLE);
            default -> throw unknown(exchange);
        }
    }

    /** {@code [name][/versions/version][/what]}, or {@code stats} of all. */
    private void model(HttpExchange exchange, List<String> path) throws IOException {
        if (path.equals(List.of("stats"))) {
            send(get(exchange), ProtoJson.of(models.statistics("", "")));
            return;
        }
        if (path.isEmpty()) {
            throw unknown(exchange);
        }
        String name = path.getFirst();
        List<String> rest = path.subList(1, path.size());
        String wanted = "";
        if (rest.size() >= 2 && rest.getFirst().equals("versions")) {
            wanted = rest.get(1);
            rest = rest.subList(2, rest.size());
        }
        if (rest.size() > 1) {
            throw unknown(exchange);
        }
        switch (rest.isEmpty() ? "" : rest.getFirst()) {
            case "" -> send(get(exchange), ProtoJson.of(models.metadata(name, wanted)));
            case "ready" -> send(get(exchange), models.ready(name, wanted) ? HttpStatus.OK : HttpStatus.UNAVAILABLE);
            case "config" -> send(get(exchange), ProtoJson.of(models.config(name, wanted)));
            case "stats" -> send(get(exchange), ProtoJson.of(models.statistics(name, wanted)));
            case "infer" -> {
                models.checkVersion(name, wanted);
                inference.answer(post(exchange), name);
            }
            default -> throw unknown(exchange);
        }
    }

    private void repository(HttpExchange exchange, List<String> path) throws IOException {
        if (path.equals(List.of("index"))) {
            JsonNode body = body(post(exchange));
            send(
                    exchange,
                    ProtoJson.of(models.index("", body.path("ready").asBoolean(false)))
                            .get("models"));
        } else if (path.size() == 3
                && path.getFirst().equals("models")
                && List.of("load", "unload").contains(path.get(2))) {
            post(exchange);
            throw models.notOverThisPort(path.get(1));
        } else {
            throw unknown(exchange);
        }
    }

    /** {@code [region/name/]what} */
    private void sharedMemory(HttpExchange exchange, List<String> path) throws IOException, SharedMemoryException {
        boolean one = path.size() == 3 && path.getFirst().equals("region");
        if (!one && path.size() != 1) {
            throw unknown(exchange);
        }
        Optional<String> name = one ? Optional.of(path.get(1)) : Optional.empty();
        switch (path.getLast()) {
            case "status" -> {
                ArrayNode list = JSON.createArrayNode();
                List<SharedRegions.Status> found = name.isPresent()
                        ? List.of(regions.status(name.get())
                                .orElseThrow(() -> new HttpFailure(
                                        HttpStatus.NOT_FOUND,
                                        "no shared memory region \"" + name.get() + "\" is registered")))
                        : List.copyOf(regions.statuses());
                found.forEach(region -> list.addObject()
                        .put("name", region.name())
                        .put("key", region.key())
                        .put("offset", region.offset())
                        .put("byte_size", region.size()));
                send(get(exchange), list);
            }
            case "register" -> {
                JsonNode body = body(post(exchange));
                regions.register(
                        name.orElseThrow(() -> unknown(exchange)),
                        body.path("key").asText(),
                        body.path("offset").asLong(0),
                        body.path("byte_size").asLong(0));
                send(exchange, JSON.createObjectNode());
            }
            case "unregister" -> {
                post(exchange);
                name.ifPresentOrElse(regions::unregister, regions::unregisterAll);
                send(exchange, JSON.createObjectNode());
            }
            default -> throw unknown(exchange);
        }
    }

    /** Behind {@code /v2}; a name may hold an encoded slash. */
    private static List<String> path(HttpExchange exchange) {
        List<String> path = new ArrayList<>();
        String raw = exchange.getRequestURI().getRawPath().substring("/v2".length());
        for (String part : raw.split("/")) {
            if (!part.isEmpty()) {
                path.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        return path;
    }

    private static JsonNode body(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(MAX_SMALL_BODY + 1);
        if (bytes.length > MAX_SMALL_BODY) {
            throw new HttpFailure(HttpStatus.TOO_LARGE, "a body of more than " + MAX_SMALL_BODY + " bytes");
        }
        try {
            return bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new HttpFailure(HttpStatus.BAD_REQUEST, "the body is no JSON: " + e.getOriginalMessage());
        }
    }

    private static HttpExchange get(HttpExchange exchange) {
        return method(exchange, "GET");
    }

    private static HttpExchange post(HttpExchange exchange) {
        return method(exchange, "POST");
    }

    private static HttpExchange method(HttpExchange exchange, String wanted) {
        if (!exchange.getRequestMethod().equals(wanted)) {
            throw new HttpFailure(
                    HttpStatus.METHOD_NOT_ALLOWED, exchange.getRequestURI().getPath() + " takes " + wanted);
        }
        return exchange;
    }

    private static HttpFailure unknown(HttpExchange exchange) {
        return new HttpFailure(
                HttpStatus.NOT_FOUND,
                "nothing is at " + exchange.getRequestURI().getPath());
    }

    private static void send(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    private static void send(HttpExchange exchange, JsonNode body) throws IOException {
        send(exchange, HttpStatus.OK, body);
    }

    private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        HttpAnswer.send(exchange, status, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void refuse(HttpExchange exchange, int status, String sentence) throws IOException {
        // An answer that has begun can only be cut off.
        if (exchange.getResponseCode() < 0) {
            send(exchange, status, JSON.createObjectNode().put("error", sentence));
        }
    }
}
