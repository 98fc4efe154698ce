package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;

/**
 * A program that serves models of formats which the runner itself cannot load, such as vLLM: the runner starts one process of it per
 * model, watches it and passes HTTP requests on to it.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Engine(
        @Required @Pattern(NAME) @JsonPropertyDescription("For reports and metrics, such as vllm")
        String name,

        @Required
        @Size(min = 1, max = 16)
        @JsonPropertyDescription("Model formats it loads, such as vllm or pytorch; it goes before the runner's own")
        List<String> formats,

        @Required
        @Size(min = 1, max = 128)
        @JsonPropertyDescription(
                "Program and arguments, without a shell. {model} is the folder of the model's files, {file} its only file,"
                        + " {name} and {version} the metadata's, {port} the port to listen on, {vramMiB} the memory it"
                        + " declares and {vramShare} that as a share (0..1) of the GPU's")
        List<String> command,

        @Size(max = 64) @JsonPropertyDescription("Environment beside the runner's own; the same placeholders")
        Map<String, String> env,

        @Default("0")
        @Min(0)
        @Max(65535)
        @JsonPropertyDescription(
                "First port to try on the loopback interface; the next 63 where it is taken. 0: any free one")
        Integer port,

        @Default(HEALTH)
        @Pattern(URL)
        @JsonPropertyDescription("Answers 2xx once the model can be asked; on the loopback interface")
        String healthUrl,

        @Pattern(URL) @JsonPropertyDescription("Prometheus metrics, shown among the runner's own with a label model")
        String metricsUrl,

        @Default("10m") @Pattern(Span.PATTERN) @JsonPropertyDescription("Time until healthUrl answers")
        String startTimeout,

        @Default("20s") @Pattern(Span.PATTERN) @JsonPropertyDescription("Time to end after TERM; then it is killed")
        String stopTimeout,

        @Default("5m")
        @Pattern(Span.PATTERN)
        @JsonPropertyDescription("How long a request may go on without a byte from the engine")
        String requestTimeout,

        @Default("64")
        @Min(1)
        @Max(4096)
        @JsonPropertyDescription("Requests of one model at the same time; more are told to come back")
        Integer maxRequests,

        @Default("64") @Min(1) @Max(2048) @JsonPropertyDescription("The largest request body")
        Integer maxRequestMiB,

        @Min(1)
        @JsonPropertyDescription(
                "Memory of the machine (not the GPU's) that all its processes may take; more and it is restarted. None: no limit")
        Long memoryMiB) {

    /** What a name may look like. */
    public static final String NAME = "^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$";

    /** An engine is reached on the machine's own loopback interface only. */
    public static final String URL = "^http://(127\\.0\\.0\\.1|localhost):([0-9]{1,5}|\\{port\\})(/[!-~]*)?$";

    private static final String HEALTH = "http://127.0.0.1:{port}/health";

    public Engine {
        formats = formats == null ? List.of() : List.copyOf(formats);
        command = command == null ? List.of() : List.copyOf(command);
        env = env == null ? Map.of() : Map.copyOf(env);
        port = port == null ? 0 : port;
        healthUrl = healthUrl == null ? HEALTH : healthUrl;
        startTimeout = startTimeout == null ? "10m" : startTimeout;
        stopTimeout = stopTimeout == null ? "20s" : stopTimeout;
        requestTimeout = requestTimeout == null ? "5m" : requestTimeout;
        maxRequests = maxRequests == null ? 64 : maxRequests;
        maxRequestMiB = maxRequestMiB == null ? 64 : maxRequestMiB;
    }
}
