package health.vantage.models.artifact.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import health.vantage.models.artifact.testing.Models;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelMetadataTest {
    private static final String GOOD = """
            {"name":"retina-seg","version":"2.4.1","variant":"jetson",
             "model":{"format":"tensorrt","precision":"float16","inputShape":[-1,3,1024,1024],
                      "outputShape":[1,4,1024,1024],"vramGB":3.5,"latencyMs":18.0},
             "capabilities":["cv3","cell-segmentation"],
             "provenance":{"trainingRun":"run-8841","dataset":"cell-masks@2025.11",
                           "trainedAt":"2026-01-01T00:00:00Z","trainedBy":"ml-platform"},
             "deployment":{"targets":["jetson-orin"],"minCudaVersion":"12.6","minTensorRTVersion":"10.3"}}
            """;

    private static ModelMetadata parse(String json) {
        return ModelMetadata.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> problems(String json) {
        return catchThrowableOfType(InvalidMetadata.class, () -> parse(json)).problems();
    }

    @Test
    void everyFieldIsRead() {
        ModelMetadata metadata = parse(GOOD);
        assertThat(metadata.model().format()).isEqualTo(ModelFormat.TENSORRT);
        assertThat(metadata.model().precision()).isEqualTo(Precision.FP16);
        assertThat(metadata.model().inputShape()).containsExactly(-1L, 3L, 1024L, 1024L);
        assertThat(metadata.model().vramMiB()).isEqualTo(3584);
        assertThat(metadata.capabilities()).containsExactly("cv3", "cell-segmentation");
        assertThat(metadata.provenance().trainedAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(metadata.deployment().minCuda()).contains("12.6");
        assertThat(metadata.deployment().minTensorRt()).contains("10.3");
    }

    @Test
    void canonicalJsonIsReadBackTheSameAndNeverChanges() {
        ModelMetadata metadata = parse(GOOD);
        assertThat(ModelMetadata.parse(metadata.canonicalJson())).isEqualTo(metadata);
        assertThat(new String(metadata.canonicalJson(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"name\":\"retina-seg\",\"version\":\"2.4.1\",\"variant\":\"jetson\",\"model\":{\"format\":\"tensorrt\","
                                + "\"precision\":\"fp16\",\"inputShape\":[-1,3,1024,1024],\"outputShape\":[1,4,1024,1024],"
                                + "\"vramGB\":3.5,\"latencyMs\":18},\"capabilities\":[\"cv3\",\"cell-segmentation\"],"
                                + "\"provenance\":{\"trainingRun\":\"run-8841\",\"dataset\":\"cell-masks@2025.11\","
                                + "\"trainedAt\":\"2026-01-01T00:00:00Z\",\"trainedBy\":\"ml-platform\"},\"deployment\":"
                                + "{\"targets\":[\"jetson-orin\"],\"minCudaVersion\":\"12.6\",\"minTensorRTVersion\":\"10.3\"}}");
    }

    @Test
    void unknownFieldsAreIgnored() {
        assertThat(parse(GOOD.replace("\"vramGB\"", "\"flops\":1,\"vramGB\""))).isEqualTo(parse(GOOD));
    }

    @Test
    void everyProblemIsNamedAtOnceByItsPath() {
        assertThat(problems("{}"))
                .contains("$.name: is missing", "$.version: is missing", "$.model: is missing")
                .contains("$.capabilities: is missing", "$.provenance: is missing", "$.deployment: is missing");
        assertThat(problems("{\"model\":{},\"provenance\":{},\"deployment\":{}}"))
                .contains("$.model.vramGB: is missing", "$.model.format: is missing", "$.model.inputShape: is missing")
                .contains("$.provenance.trainingRun: is missing", "$.provenance.trainedAt: is missing")
                .contains("$.deployment.targets: is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"vramGB\":3.5 | \"vramGB\":-1 | $.model.vramGB: must be > 0, is -1",
                "\"vramGB\":3.5 | \"vramGB\":0 | $.model.vramGB: must be > 0, is 0",
                "\"vramGB\":3.5 | \"vramGB\":1e30 | $.model.vramGB: must be <= 4096, is 1E+30",
                "\"vramGB\":3.5 | \"vramGB\":\"3.5\" | $.model.vramGB: must be a number, is a string",
                "\"vramGB\":3.5 | \"vramGB\":null | $.model.vramGB: is missing",
                "\"vramGB\":3.5, | `` | $.model.vramGB: is missing",
                "\"tensorrt\" | \"caffe\" | $.model.format: must be one of onnx, tensorrt, pytorch, torchscript, safetensors, vllm, tflite, openvino, gguf, is 'caffe'",
                "[-1,3,1024,1024] | [0,3] | $.model.inputShape[0]: must be a positive whole number, or -1 for a dynamic size, is 0",
                "[-1,3,1024,1024] | [1.5] | $.model.inputShape[0]: must be a positive whole number, or -1 for a dynamic size, is 1.5",
                "[-1,3,1024,1024] | [] | $.model.inputShape: must have at least one dimension",
                "\"2.4.1\" | \"2.4\" | $.version: must be a semantic version such as 2.4.1, is '2.4'",
                "\"2.4.1\" | \"v2.4.1\" | $.version: must be a semantic version such as 2.4.1, is 'v2.4.1'",
                "\"jetson\" | \"jetson-oci\" | $.variant: must be letters, digits, '.', '_', '-', at most 63, and not end like an image twin's tag (oci), is 'jetson-oci'",
                "\"cv3\", | \"cell-segmentation\", | $.capabilities[1]: 'cell-segmentation' is listed twice",
                "\"cv3\" | \"cv 3\" | $.capabilities[0]: must be a label of letters, digits, '.', '_', '-', at most 63, is 'cv 3'",
                "\"2026-01-01T00:00:00Z\" | \"soon\" | $.provenance.trainedAt: must be a date or time such as 2026-01-31T08:00:00Z, is 'soon'",
                "\"12.6\" | \"twelve\" | $.deployment.minCudaVersion: must be a version such as 12.6, is 'twelve'",
            })
    void anImpossibleFieldIsNamedByItsPath(String replace, String by, String problem) {
        String json = GOOD.replace(replace, by);
        assertThat(json).isNotEqualTo(GOOD);
        assertThat(problems(json)).containsExactly(problem);
    }

    @ParameterizedTest
    @CsvSource({"3.5, 3584", "0.1, 103", "0.0001, 1", "8, 8192", "1.0009765625, 1025"})
    void vramIsRoundedUpToMiB(double gib, long mib) {
        var model = new ModelMetadata.Model(ModelFormat.ONNX, Precision.FP32, List.of(1L), List.of(1L), gib, 1);
        assertThat(model.vramMiB()).isEqualTo(mib);
    }

    @Test
    void whatIsNotJsonIsSaidToBeSo() {
        assertThat(problems("{\"name\":")).singleElement().asString().startsWith("$: not valid JSON at line 1");
        assertThat(problems("[]")).containsExactly("$: not a JSON object");
        assertThat(problems("{\"name\":\"a\",\"name\":\"b\"}"))
                .singleElement()
                .asString()
                .contains("Duplicate");
        assertThat(problems("{\"a\":" + "[".repeat(5000)))
                .singleElement()
                .asString()
                .contains("nesting depth");
        assertThat(problems(" ".repeat(300_000))).containsExactly("$: too long");
    }

    @Test
    void deploymentsWithoutAGpuNeedNoCudaVersion() {
        ModelMetadata metadata = Models.metadata("1.0.0", "cpu", "cv3");
        assertThat(metadata.deployment().minTensorRt()).isEmpty();
        assertThat(ModelMetadata.parse(metadata.canonicalJson())).isEqualTo(metadata);
    }
}
