package health.vantage.models.runner.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.api.Engine;
import health.vantage.models.api.Span;
import health.vantage.models.artifact.metadata.ModelFormat;
import health.vantage.models.runner.backend.ExternalModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A program that serves models, checked.
 *
 * @param command program and arguments with placeholders
 * @param port the first to try; 0 for any free one
 * @param memoryMiB that its processes may take together
 */
public record EngineSpec(
        String name,
        Set<String> formats,
        List<String> command,
        Map<String, String> env,
        int port,
        String healthUrl,
        Optional<String> metricsUrl,
        Duration startTimeout,
        Duration stopTimeout,
        ExternalModel.Limits limits,
        OptionalLong memoryMiB) {
    private static final long MIB = 1024 * 1024;
    private static final int MOST_BYTES = 256 * 1024;
    private static final int MOST_ARGUMENTS = 128;
    private static final int MOST_CHARACTERS = 4096;
    private static final String ENVIRONMENT_NAME = "[A-Za-z_][A-Za-z0-9_]{0,127}";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads what the operator hands over: a JSON list of {@link Engine}.
     *
     * @throws IllegalArgumentException naming the field, such as {@code engines[0].command[2]}
     */
    public static List<EngineSpec> parse(String json) {
        if (json.isBlank()) {
            return List.of();
        }
        if (json.length() > MOST_BYTES) {
            throw new IllegalArgumentException("engines: has more than " + MOST_BYTES + " characters");
        }
        try {
            return all(List.of(JSON.readValue(json, Engine[].class)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("engines: is no JSON list of engines: " + e.getOriginalMessage(), e);
        }
    }

    /** @throws IllegalArgumentException naming the field */
    public static List<EngineSpec> all(List<Engine> engines) {
        List<EngineSpec> specs = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < engines.size(); i++) {
            EngineSpec spec = of(engines.get(i), "engines[" + i + "]");
            if (!names.add(spec.name())) {
                throw new IllegalArgumentException("engines[" + i + "].name: \"" + spec.name() + "\" is used twice");
            }
            specs.add(spec);
        }
        return specs;
    }

    /** The same with more in its environment. */
    EngineSpec with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(env);
        all.putAll(more);
        return new EngineSpec(
                name,
                formats,
                command,
                Map.copyOf(all),
                port,
                healthUrl,
                metricsUrl,
                startTimeout,
                stopTimeout,
                limits,
                memoryMiB);
    }

    private static EngineSpec of(Engine engine, String path) {
        if (engine == null) {
            throw new IllegalArgumentException(path + ": is empty");
        }
        check(engine, path);
        return new EngineSpec(
                engine.name(),
                Set.copyOf(engine.formats()),
                engine.command(),
                engine.env(),
                engine.port(),
                engine.healthUrl(),
                Optional.ofNullable(engine.metricsUrl()),
                span(engine.startTimeout(), path + ".startTimeout"),
                span(engine.stopTimeout(), path + ".stopTimeout"),
                new ExternalModel.Limits(
                        within(engine.maxRequests(), 1, 4096, path + ".maxRequests"),
                        within(engine.maxRequestMiB(), 1, 2048, path + ".maxRequestMiB") * MIB,
                        span(engine.requestTimeout(), path + ".requestTimeout")),
                engine.memoryMiB() == null ? OptionalLong.empty() : OptionalLong.of(engine.memoryMiB()));
    }

    private static void check(Engine engine, String path) {
        matches(engine.name(), Engine.NAME, path + ".name", "a name such as vllm");
        each(engine.formats(), path + ".formats", 16, (format, where) -> {
            if (ModelFormat.of(format).isEmpty() || !format.equals(format.toLowerCase(java.util.Locale.ROOT))) {
                throw wrong(where, format, "a model format such as vllm, safetensors or pytorch");
            }
        });
        each(engine.command(), path + ".command", MOST_ARGUMENTS, Placeholders::check);
        engine.env().forEach((name, value) -> {
            matches(name, ENVIRONMENT_NAME, path + ".env", "a name of a variable");
            Placeholders.check(value, path + ".env." + name);
        });
        matches(engine.healthUrl(), Engine.URL, path + ".healthUrl", "such as http://127.0.0.1:{port}/health");
        if (engine.metricsUrl() != null) {
            matches(engine.metricsUrl(), Engine.URL, path + ".metricsUrl", "such as http://127.0.0.1:{port}/metrics");
        }
        within(engine.port(), 0, 65535, path + ".port");
        if (engine.memoryMiB() != null && engine.memoryMiB() < 1) {
            throw wrong(path + ".memoryMiB", engine.memoryMiB(), "MiB, at least 1");
        }
    }

    private interface Check {
        void check(String value, String where);
    }

    private static void each(List<String> values, String path, int most, Check check) {
        if (values.isEmpty() || values.size() > most) {
            throw new IllegalArgumentException(path + ": needs 1 to " + most + " entries, has " + values.size());
        }
        for (int i = 0; i < values.size(); i++) {
            String where = path + "[" + i + "]";
            if (values.get(i) == null || values.get(i).length() > MOST_CHARACTERS) {
                throw new IllegalArgumentException(where + ": is empty or longer than " + MOST_CHARACTERS);
            }
            check.check(values.get(i), where);
        }
    }

    private static void matches(String value, String pattern, String path, String expected) {
        if (value == null || !value.matches(pattern)) {
            throw wrong(path, value, expected);
        }
    }

    private static int within(int value, int least, int most, String path) {
        if (value < least || value > most) {
            throw wrong(path, value, least + " to " + most);
        }
        return value;
    }

    private static Duration span(String text, String path) {
        try {
            Duration span = Span.parse(text);
            if (span.isZero() || span.compareTo(Duration.ofHours(24)) > 0) {
                throw wrong(path, text, "more than 0 and at most 24h");
            }
            return span;
        } catch (ArithmeticException e) {
            throw wrong(path, text, "more than 0 and at most 24h");
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith(path) ? e : wrong(path, text, "a time such as 90s or 10m");
        }
    }

    private static IllegalArgumentException wrong(String path, Object value, String expected) {
        return new IllegalArgumentException(path + ": is " + value + ", expected " + expected);
    }
}
