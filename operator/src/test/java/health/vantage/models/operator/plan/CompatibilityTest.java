package health.vantage.models.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelRevisionSpec.TierArtifact;
import health.vantage.models.operator.Reason;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompatibilityTest {
    private static Optional<Fit.Misfit> misfit(ANode node, String format, String minTensorRt, String minCuda) {
        TierArtifact artifact = AClaim.mine()
                .on("rtx", 4_000, AClaim.metadata(format, minTensorRt, minCuda))
                .claim()
                .revision()
                .forTier("rtx")
                .orElseThrow();
        return Compatibility.misfit(node.facts(), Told.UID, Told.MODEL, artifact);
    }

    @ParameterizedTest(name = "engine needs {0}, runner has {1}: runs {2}")
    @CsvSource({
        "10.3, 10.3.0.30, true",
        "10.3.0.30, 10.3, false",
        "10.3, 10.2.9, false",
        "10.3, 10.12, true",
        "10.3, 11.2, true",
        "10, 8.6.1, false",
        "'', 8.6.1, true",
    })
    void anEngineRunsOnTheTensorRtItNeedsOrNewer(String least, String has, boolean runs) {
        var found = misfit(ANode.named("n").backend("tensorrt", has, true, null, "tensorrt"), "tensorrt", least, "");
        assertThat(found.isEmpty()).isEqualTo(runs);
        found.ifPresent(why -> {
            assertThat(why.reason()).isEqualTo(Reason.IncompatibleTensorRT);
            assertThat(why.message()).contains(least, has);
        });
    }

    @Test
    void tensorRtsVersionIsNobodysBusinessForAnotherFormat() {
        ANode node = ANode.named("n").backend("onnxruntime", "1.29.0", true, null, "onnx");
        assertThat(misfit(node, "onnx", "10.3", "")).isEmpty();
    }

    @Test
    void aVersionNobodyCanReadSpeaksNotAgainstTheNode() {
        ANode node = ANode.named("n").backend("tensorrt", "10.3.0.30-1+cuda12.5", true, null, "tensorrt");
        assertThat(misfit(node, "tensorrt", "10.4", "")).isEmpty();
    }

    @Test
    void aRunnerThatHasNotReportedYetIsGivenTheBenefitOfTheDoubt() {
        assertThat(misfit(ANode.named("n"), "tensorrt", "10.3", "")).isEmpty();
    }

    @Test
    void aFormatThatNoBackendLoadsIsRefused() {
        var found =
                misfit(ANode.named("n").backend("onnxruntime", "1.29.0", true, null, "onnx"), "tensorrt", "10.3", "");
        assertThat(found).hasValueSatisfying(why -> {
            assertThat(why.reason()).isEqualTo(Reason.UnsupportedFormat);
            assertThat(why.message()).contains("tensorrt", "no backend loads it");
        });
    }

    @Test
    void aFormatThatTheTierDoesNotLoadIsRefusedBeforeTheRunnerHasSaidAnything() {
        assertThat(misfit(ANode.named("n").tierLoads("tensorrt", "onnx"), "pytorch", "", ""))
                .hasValueSatisfying(why -> {
                    assertThat(why.reason()).isEqualTo(Reason.UnsupportedFormat);
                    assertThat(why.message())
                            .isEqualTo("ComputeTier rtx loads [onnx, tensorrt], not pytorch; push a variant in one of"
                                    + " these, or add it to the tier's formats");
                });
    }

    @Test
    void whatTheTierLoadsStillNeedsABackendOnceTheRunnerHasSpoken() {
        ANode node = ANode.named("n").tierLoads("tensorrt").backend("onnxruntime", "1.29.0", true, null, "onnx");
        assertThat(misfit(node, "tensorrt", "", ""))
                .hasValueSatisfying(why -> assertThat(why.message()).contains("no backend loads it"));
    }

    @Test
    void aBackendThatCannotRunSaysWhy() {
        ANode node = ANode.named("n")
                .backend("tensorrt", null, false, "libcuda.so.1 not found", "tensorrt")
                .backend("onnxruntime", "1.29.0", true, null, "onnx");
        assertThat(misfit(node, "tensorrt", "10.3", "")).hasValueSatisfying(why -> assertThat(why.message())
                .isEqualTo("format tensorrt cannot run: tensorrt: libcuda.so.1 not found"));
    }

    @Test
    void aFormatOfAnEngineOfTheTierRunsWhereItsProgramIs() {
        ANode with = ANode.named("n").backend("vllm", "external", true, null, "vllm", "safetensors");
        ANode without = ANode.named("n")
                .backend("vllm", null, false, "its program \"vllm\" was not found", "vllm", "safetensors");

        assertThat(misfit(with, "safetensors", "", "")).isEmpty();
        assertThat(misfit(without, "vllm", "", "")).hasValueSatisfying(why -> assertThat(why.message())
                .isEqualTo("format vllm cannot run: vllm: its program \"vllm\" was not found"));
    }

    @Test
    void oneOfTwoBackendsIsEnough() {
        ANode node = ANode.named("n")
                .backend("onnxruntime-gpu", null, false, "ORT_EP_FAIL", "onnx")
                .backend("onnxruntime", "1.29.0", true, null, "onnx");
        assertThat(misfit(node, "onnx", "", "")).isEmpty();
    }

    @ParameterizedTest(name = "model needs CUDA {0}, driver supports {1}: runs {2}")
    @CsvSource(
            nullValues = "-",
            value = {"12.6, 12.6, true", "12.6, 13.0, true", "12.6, 12.4, false", "12.6, -, true", "'', 11.0, true"})
    void theDriverMustSupportTheCudaLevel(String least, String has, boolean runs) {
        ANode node = has == null ? ANode.named("n") : ANode.named("n").cuda(has);
        var found = misfit(node, "onnx", "", least);
        assertThat(found.isEmpty()).isEqualTo(runs);
        found.ifPresent(why -> {
            assertThat(why.reason()).isEqualTo(Reason.IncompatibleCuda);
            assertThat(why.message()).contains(least, has);
        });
    }

    @Test
    void aNameServedForAnotherDeploymentIsAConflictThatNamesIt() {
        ANode node = ANode.named("n").told(Told.to(Step.Confirm).byUid("uid-of-another"));
        assertThat(misfit(node, "onnx", "", "")).hasValueSatisfying(why -> {
            assertThat(why.reason()).isEqualTo(Reason.NameConflict);
            assertThat(why.message()).contains("imaging/retina-seg", "rename");
        });
    }

    @Test
    void ourOwnNameIsNoConflict() {
        assertThat(misfit(ANode.named("n").told(Told.to(Step.Confirm)), "onnx", "", ""))
                .isEmpty();
    }

    @Test
    void anArtifactWithoutMetadataIsLeftToThePreflight() {
        TierArtifact bare = new TierArtifact("rtx", "rtx", "sha256:a", null, null, 1L, null, null, null);
        NodeFacts node = ANode.named("n")
                .cuda("11.0")
                .backend("onnxruntime", "1", true, null, "onnx")
                .facts();
        assertThat(Compatibility.misfit(node, Told.UID, Told.MODEL, bare)).isEmpty();
    }
}
