package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.client.Commands;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol as {@code @grpc/grpc-js} speaks it, from {@code src/test/clients/open-inference.js}. */
final class JavaScriptClientTest {
    private static final Path SCRIPT =
            Path.of("src/test/clients/open-inference.js").toAbsolutePath();
    private static final Path PROTO =
            Path.of("proto/src/main/proto/open_inference_grpc.proto").toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void aClientThatWasMadeElsewhereIsAnsweredOnEveryCall() throws Exception {
        Path modules = modules();
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            runner.serve("doubler", "2.4.1", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));

            JsonNode overUnix = run(modules, "unix:" + runner.socket());
            JsonNode said = run(modules, "localhost:" + runner.serving().grpcPort());

            assertThat(overUnix).isEqualTo(said);
            assertThat(said.get("live").asBoolean()).isTrue();
            assertThat(said.get("ready").asBoolean()).isTrue();
            assertThat(said.get("server").asText()).isEqualTo("vantage-runner");
            assertThat(said.get("model").asBoolean()).isTrue();
            assertThat(said.at("/metadata/inputs/0/shape").toString()).isEqualTo("[1,3]");
            assertThat(said.get("id").asText()).isEqualTo("js-1");
            assertThat(said.get("version").asText()).isEqualTo("2.4.1");
            assertThat(said.get("values").toString()).isEqualTo("[2,4,6]");
            assertThat(said.get("refusedCode").asInt()).as("INVALID_ARGUMENT").isEqualTo(3);
            assertThat(said.get("refusedDetails").asText()).contains("must have 12 bytes, got 8");
        }
    }

    private JsonNode run(Path modules, String target) throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(Commands.run(
                                folder,
                                Map.of("NODE_PATH", modules.toString()),
                                List.of("node", SCRIPT.toString(), PROTO.toString(), target))
                        .orFail());
    }

    private static Path modules() {
        Path modules = Commands.FETCHED.resolve("node/node_modules");
        Assumptions.assumeTrue(
                Files.isDirectory(modules.resolve("@grpc/grpc-js"))
                        && Files.isDirectory(modules.resolve("@grpc/proto-loader")),
                () -> "@grpc/grpc-js or @grpc/proto-loader is missing under " + modules + "; run hack/fetch-clients");
        Assumptions.assumeTrue(Commands.has("node"), "the program node is missing; install Node.js");
        return modules;
    }
}
