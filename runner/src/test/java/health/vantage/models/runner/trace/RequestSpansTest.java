package health.vantage.models.runner.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpServer;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The collector's side is an HTTP server that reads OTLP's protobuf by its field numbers: no collector can be had here. */
final class RequestSpansTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";
    private static final Shape THREE = Shape.of(1, 3);

    @TempDir
    Path folder;

    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();
    private HttpServer collector;

    private record Span(String trace, String id, String parent, String name, long start, long end, boolean failed) {}

    @BeforeEach
    void collect() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            byte[] body = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                    ? new GZIPInputStream(exchange.getRequestBody()).readAllBytes()
                    : exchange.getRequestBody().readAllBytes();
            read(body);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
    }

    @AfterEach
    void stop() {
        collector.stop(0);
    }

    @Test
    void aRequestIsASpanBelowItsCallersWithItsPartsInsideInTheirOrder() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder, to(0))) {
            runner.serve("doubler", "1", OnnxModels.scale(2, 1, 3), THREE, THREE);
            infer(runner, "00-" + TRACE + "-" + CALLER + "-01");
        }

        Map<String, Span> byName = spans.stream().collect(Collectors.toMap(Span::name, span -> span));
        assertThat(byName).containsOnlyKeys("inference", "input", "queue", "infer", "output");
        assertThat(spans).allSatisfy(span -> assertThat(span.trace()).isEqualTo(TRACE));
        Span request = byName.get("inference");
        assertThat(request.parent()).isEqualTo(CALLER);
        assertThat(request.failed()).isFalse();
        long from = request.start();
        for (String part : List.of("input", "queue", "infer", "output")) {
            assertThat(byName.get(part).parent()).as(part).isEqualTo(request.id());
            assertThat(byName.get(part).start()).as(part).isEqualTo(from);
            from = byName.get(part).end();
        }
        assertThat(request.end()).isEqualTo(from);
    }

    @Test
    void aFailedRequestSaysSo() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder, to(1))) {
            runner.serve("doubler", "1", OnnxModels.failsAbove(1, 1, 3), THREE, THREE);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> runner.infer("doubler", Floats.bytes(1, 2, 3)));
        }

        assertThat(spans)
                .filteredOn(span -> span.name().equals("inference"))
                .singleElement()
                .satisfies(span -> assertThat(span.failed()).isTrue());
    }

    @Test
    void theCallerDecidesAndWithoutOneTheShareDoes() throws Exception {
        try (RunnerUnderTest runner = new RunnerUnderTest(folder, to(0))) {
            runner.serve("doubler", "1", OnnxModels.scale(2, 1, 3), THREE, THREE);
            runner.infer("doubler", Floats.bytes(1, 2, 3));
            infer(runner, "00-" + TRACE + "-" + CALLER + "-00");
            infer(runner, "no trace context");
        }

        assertThat(spans).isEmpty();
    }

    @Test
    void aCollectorThatIsAwayCostsNoRequest() throws Exception {
        collector.stop(0);
        try (RunnerUnderTest runner = new RunnerUnderTest(folder, to(1))) {
            runner.serve("doubler", "1", OnnxModels.scale(2, 1, 3), THREE, THREE);

            assertThat(Floats.of(runner.infer("doubler", Floats.bytes(1, 2, 3)).getOutputTensor()))
                    .containsExactly(2, 4, 6);
        }
    }

    @Test
    void whatIsNoCollectorIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RequestSpans.Options(URI.create("collector:4318"), 1, "1"))
                .withMessageContaining("\"collector:4318\" is no collector; write such as http://collector:4318");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RequestSpans.Options(URI.create("http://collector:4318"), 2, "1"));
    }

    private RequestSpans.Options to(double share) {
        return new RequestSpans.Options(
                URI.create("http://localhost:" + collector.getAddress().getPort()), share, "1.0");
    }

    private static void infer(RunnerUnderTest runner, String traceParent) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceParent);
        InferenceGrpc.newBlockingStub(runner.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .infer(RunnerUnderTest.request("doubler", Floats.bytes(1, 2, 3), Map.of()));
    }

    /** opentelemetry/proto/collector/trace/v1: resource_spans 1, scope_spans 2, spans 2. */
    private void read(byte[] request) throws InvalidProtocolBufferException {
        for (UnknownFieldSet resource : messages(UnknownFieldSet.parseFrom(request), 1)) {
            for (UnknownFieldSet scope : messages(resource, 2)) {
                for (UnknownFieldSet span : messages(scope, 2)) {
                    spans.add(new Span(
                            hex(span, 1),
                            hex(span, 2),
                            hex(span, 4),
                            span.getField(5).getLengthDelimitedList().getFirst().toStringUtf8(),
                            span.getField(7).getFixed64List().getFirst(),
                            span.getField(8).getFixed64List().getFirst(),
                            messages(span, 15).stream()
                                    .anyMatch(status ->
                                            status.getField(3).getVarintList().equals(List.of(2L)))));
                }
            }
        }
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet in, int field) throws InvalidProtocolBufferException {
        List<UnknownFieldSet> messages = new java.util.ArrayList<>();
        for (ByteString bytes : in.getField(field).getLengthDelimitedList()) {
            messages.add(UnknownFieldSet.parseFrom(bytes));
        }
        return messages;
    }

    private static String hex(UnknownFieldSet in, int field) {
        List<ByteString> values = in.getField(field).getLengthDelimitedList();
        return values.isEmpty()
                ? ""
                : HexFormat.of().formatHex(values.getFirst().toByteArray());
    }
}
