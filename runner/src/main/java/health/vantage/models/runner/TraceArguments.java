package health.vantage.models.runner;

import health.vantage.models.runner.trace.RequestSpans;
import java.net.URI;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where spans of requests go. */
final class TraceArguments {
    @Option(
            names = "--otlp-endpoint",
            paramLabel = "url",
            defaultValue = "${env:OTEL_EXPORTER_OTLP_ENDPOINT:-}",
            description =
                    "Env OTEL_EXPORTER_OTLP_ENDPOINT: send spans of requests to this OpenTelemetry collector, by OTLP over"
                            + " HTTP, such as http://collector:4318. Default: none are made")
    private String endpoint;

    @Option(
            names = "--trace-share",
            paramLabel = "0..1",
            defaultValue = "${env:VANTAGE_TRACE_SHARE:-1}",
            description = "Env VANTAGE_TRACE_SHARE: share of requests without a traceparent that get spans."
                    + " Default: ${DEFAULT-VALUE}")
    private double share;

    /** @throws IllegalArgumentException when it is no collector */
    Optional<RequestSpans.Options> options() {
        return endpoint.isBlank()
                ? Optional.empty()
                : Optional.of(new RequestSpans.Options(URI.create(endpoint.strip()), share, Version.CURRENT));
    }
}
