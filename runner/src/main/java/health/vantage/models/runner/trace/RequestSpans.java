package health.vantage.models.runner.trace;

import health.vantage.models.runner.serve.Passage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Requests as OpenTelemetry's spans, sent to a collector by OTLP over HTTP: one for the request, below the caller's where it sent a {@code
 * traceparent}, with {@code input}, {@code queue}, {@code infer} and {@code output} inside. Made after the request has ended, so that tracing
 * costs a request four clock readings. A collector that is away costs spans, never requests: the queue before it is bounded.
 */
public final class RequestSpans implements AutoCloseable {
    private static final AttributeKey<String> MODEL = AttributeKey.stringKey("vantage.model");
    private static final AttributeKey<String> VERSION = AttributeKey.stringKey("vantage.model.version");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("vantage.outcome");
    private static final String HEADER = "traceparent";
    private static final long CLOSING_SECONDS = 3;

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    private RequestSpans(SdkTracerProvider provider) {
        this.provider = provider;
        this.tracer = provider.get("health.vantage.models.runner");
    }

    /**
     * @param endpoint of the collector, such as {@code http://collector:4318}
     * @param share of requests without a {@code traceparent} that get spans, 0 to 1; with one, the caller has decided
     * @param version of the runner
     */
    public record Options(URI endpoint, double share, String version) {
        public Options {
            if (endpoint.getHost() == null || !List.of("http", "https").contains(endpoint.getScheme())) {
                throw new IllegalArgumentException(
                        "\"" + endpoint + "\" is no collector; write such as http://collector:4318");
            }
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("a share of requests lies between 0 and 1, not " + share);
            }
        }
    }

    public static RequestSpans to(Options options) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(options.endpoint().toString().replaceFirst("/+$", "") + "/v1/traces")
                .build();
        return new RequestSpans(SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "vantage-runner",
                        AttributeKey.stringKey("service.version"),
                        options.version())))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(options.share())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build());
    }

    /** Notes a request that has just ended. */
    public void passed(Passage passage) {
        Clock clock = Clock.now();
        Span request = start(
                        tracer.spanBuilder("inference").setSpanKind(SpanKind.SERVER),
                        parent(passage),
                        passage.came(),
                        clock)
                .setAttribute(MODEL, passage.model())
                .setAttribute(VERSION, passage.version())
                .setAttribute(OUTCOME, passage.outcome());
        if (!passage.outcome().equals("ok")) {
            request.setStatus(StatusCode.ERROR, passage.outcome());
        }
        Context inside = Context.root().with(request);
        part("input", inside, passage.came(), passage.prepared(), clock);
        passage.run().ifPresent(run -> {
            part("queue", inside, passage.prepared(), run.started(), clock);
            part("infer", inside, run.started(), run.ended(), clock);
            part("output", inside, run.ended(), passage.ended(), clock);
        });
        request.end(clock.epochNanos(passage.ended()), TimeUnit.NANOSECONDS);
    }

    private void part(String name, Context inside, long from, long to, Clock clock) {
        start(tracer.spanBuilder(name), inside, from, clock).end(clock.epochNanos(to), TimeUnit.NANOSECONDS);
    }

    private static Span start(SpanBuilder builder, Context parent, long from, Clock clock) {
        return builder.setParent(parent)
                .setStartTimestamp(clock.epochNanos(from), TimeUnit.NANOSECONDS)
                .startSpan();
    }

    private static Context parent(Passage passage) {
        return passage.traceParent()
                .map(header -> W3CTraceContextPropagator.getInstance()
                        .extract(Context.root(), Map.of(HEADER, header), new Headers()))
                .orElse(Context.root());
    }

    private static final class Headers implements TextMapGetter<Map<String, String>> {
        @Override
        public String get(Map<String, String> headers, String key) {
            return headers.get(key);
        }
    }

    /** Where the monotonic clock stands in the calendar. */
    private record Clock(long offset) {
        static Clock now() {
            return new Clock(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime());
        }

        long epochNanos(long nanoTime) {
            return nanoTime + offset;
        }
    }

    /** Sends what is left, for at most {@value #CLOSING_SECONDS} s. */
    @Override
    public void close() {
        provider.shutdown().join(CLOSING_SECONDS, TimeUnit.SECONDS);
    }
}
