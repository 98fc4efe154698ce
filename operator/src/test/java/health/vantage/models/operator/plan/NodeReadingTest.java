package health.vantage.models.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierSpec;
import health.vantage.models.api.ComputeTierSpec.Memory;
import health.vantage.models.api.ComputeTierSpec.RunnerTemplate;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeSpec;
import health.vantage.models.api.ModelNodeStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeReadingTest {
    private static final Memory NO_FALLBACK = new Memory(null, null, null, null);
    private static final List<ModelNodeStatus.Gpu> REPORTED =
            List.of(new ModelNodeStatus.Gpu(0, "Orin NX", 7_620L, 5_000L, true));

    private static Memory fallback(long mib) {
        return new Memory(mib, null, null, null);
    }

    @Test
    void theLabelGoesBeforeTheTiersFallbackAndTheRunnersReading() {
        assertThat(NodeReading.gpus(Map.of("nvidia.com/gpu.memory", "49140"), one(fallback(8_000)), REPORTED))
                .containsExactly(new Gpu(0, 49_140));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "", "0", "-1", "48 GiB", "1e5", "49140.5", "99999999999999999999"})
    void aLabelThatSaysNothingGivesWayToTheTiersFallback(String label) {
        assertThat(NodeReading.gpus(Map.of("nvidia.com/gpu.memory", label), one(fallback(8_000)), REPORTED))
                .containsExactly(new Gpu(0, 8_000));
    }

    @Test
    void aMissingLabelGivesWayToTheTiersFallback() {
        assertThat(NodeReading.gpus(Map.of(), one(fallback(8_000)), REPORTED)).containsExactly(new Gpu(0, 8_000));
    }

    @Test
    void withoutLabelAndFallbackTheRunnersOwnReadingCounts() {
        assertThat(NodeReading.gpus(Map.of("nvidia.com/gpu.memory", "unknown"), one(NO_FALLBACK), REPORTED))
                .containsExactly(new Gpu(0, 7_620));
    }

    @Test
    void theRunnersGpusKeepTheirNumbersAndSizes() {
        var two = List.of(
                new ModelNodeStatus.Gpu(2, "RTX 6000", 49_140L, null, false),
                new ModelNodeStatus.Gpu(3, "RTX 4000", 20_475L, null, false));
        assertThat(NodeReading.gpus(Map.of(), all(NO_FALLBACK), two))
                .containsExactly(new Gpu(2, 49_140), new Gpu(3, 20_475));
    }

    @Test
    void anIncompleteReadingOfTheRunnerIsNoReading() {
        var incomplete = List.of(
                new ModelNodeStatus.Gpu(null, "x", 1_000L, null, null),
                new ModelNodeStatus.Gpu(0, "x", null, null, null),
                new ModelNodeStatus.Gpu(1, "x", 0L, null, null));
        assertThat(NodeReading.gpus(Map.of(), one(NO_FALLBACK), incomplete)).isEmpty();
    }

    @Test
    void aNodeOfWhichNobodySaysAnythingIsUnknown() {
        assertThat(NodeReading.gpus(Map.of(), one(NO_FALLBACK), List.of())).isEmpty();
    }

    @ParameterizedTest(name = "gpu.count={0}: {1} GPUs")
    @CsvSource({"1, 1", "4, 4", "unknown, 1", "0, 1", "64, 64", "65, 64", "999999999, 64"})
    void theMemoryLabelIsPerGpuOfWhichThereMayBeSeveral(String count, int gpus) {
        var read = NodeReading.gpus(
                Map.of("nvidia.com/gpu.memory", "81559", "nvidia.com/gpu.count", count), all(NO_FALLBACK), List.of());
        assertThat(read).hasSize(gpus);
        assertThat(read).extracting(Gpu::usableMiB).containsOnly(81_559L);
        assertThat(read).extracting(Gpu::index).startsWith(0).doesNotHaveDuplicates();
    }

    @Test
    void aRunnerThatSeesOneGpuCanUseOneHoweverManyThereAre() {
        Map<String, String> eight = Map.of("nvidia.com/gpu.memory", "81559", "nvidia.com/gpu.count", "8");
        assertThat(NodeReading.gpus(eight, one(NO_FALLBACK), List.of())).containsExactly(new Gpu(0, 81_559));
        assertThat(NodeReading.gpus(Map.of("nvidia.com/gpu.count", "2"), one(fallback(8_000)), List.of()))
                .containsExactly(new Gpu(0, 8_000));
    }

    @ParameterizedTest(name = "{0} MiB, share {1} %, headroom {2}: {3} usable")
    @CsvSource({
        "8000, 100, 0, 8000",
        "8000, 100, 2048, 5952",
        "8000, 50, 0, 4000",
        "8000, 50, 2048, 1952",
        "7999, 33, 0, 2639",
        "8000, 100, 9000, 0",
    })
    void shareAndHeadroomAreTakenOffEachGpu(String memory, int share, long headroom, long usable) {
        Memory tier = new Memory(null, headroom, share, null);
        assertThat(NodeReading.gpus(Map.of("nvidia.com/gpu.memory", memory), one(tier), List.of()))
                .containsExactly(new Gpu(0, usable));
        assertThat(NodeReading.gpus(Map.of(), one(new Memory(Long.valueOf(memory), headroom, share, null)), List.of()))
                .containsExactly(new Gpu(0, usable));
        assertThat(NodeReading.gpus(
                        Map.of(),
                        one(tier),
                        List.of(new ModelNodeStatus.Gpu(0, "x", Long.valueOf(memory), null, null))))
                .containsExactly(new Gpu(0, usable));
    }

    @Test
    void theCudaLevelIsReadFromTheFullLabelThenItsPartsThenTheDeprecatedForms() {
        String full = "nvidia.com/cuda.runtime-version.full";
        String major = "nvidia.com/cuda.runtime-version.major";
        String minor = "nvidia.com/cuda.runtime-version.minor";
        String oldMajor = "nvidia.com/cuda.runtime.major";
        String oldMinor = "nvidia.com/cuda.runtime.minor";
        assertThat(cuda(Map.of(full, "12.6", major, "13", minor, "0"))).contains("12.6");
        assertThat(cuda(Map.of(full, "unknown", major, "13", minor, "0"))).contains("13.0");
        assertThat(cuda(Map.of(major, "12", minor, "6", oldMajor, "11", oldMinor, "4")))
                .contains("12.6");
        assertThat(cuda(Map.of(oldMajor, "11", oldMinor, "4"))).contains("11.4");
        assertThat(cuda(Map.of(major, "unknown", oldMajor, "12"))).contains("12.0");
        assertThat(cuda(Map.of(full, "unknown", major, "unknown", minor, "unknown", oldMajor, "unknown")))
                .isEmpty();
        assertThat(cuda(Map.of())).isEmpty();
    }

    @Test
    void theComputeCapabilityIsNotTheCudaLevel() {
        assertThat(cuda(Map.of("nvidia.com/gpu.compute.major", "8", "nvidia.com/gpu.compute.minor", "7")))
                .isEmpty();
    }

    @Test
    void aWholeNodeIsRead() {
        ModelNode modelNode = modelNode();
        modelNode.setSpec(new ModelNodeSpec("rtx", List.of(Told.to(Step.Confirm).instruction())));
        modelNode.setStatus(
                new ModelNodeStatus(null, REPORTED, null, List.of(Said.serves().report()), null, null));
        NodeFacts facts = NodeReading.read(
                node(Map.of("nvidia.com/gpu.memory", "49140"), "Ready", "True"), modelNode, tier(NO_FALLBACK));
        assertThat(facts.name()).isEqualTo("clinic-7");
        assertThat(facts.tier()).isEqualTo("rtx");
        assertThat(facts.reachable()).isTrue();
        assertThat(facts.since()).isEqualTo(Instant.parse("2026-03-01T00:00:00Z"));
        assertThat(facts.uid()).isEqualTo("uid-of-modelnode");
        assertThat(facts.gpus()).containsExactly(new Gpu(0, 49_140));
        assertThat(facts.instruction(Told.MODEL)).isPresent();
        assertThat(facts.instruction("another")).isEmpty();
        assertThat(facts.report(Told.MODEL)).isPresent();
    }

    @Test
    void aTierLoadsItsFormatsAndThoseOfItsEngines() {
        ComputeTier tier = Serialization.unmarshal("""
                metadata: {name: rtx}
                spec:
                  nodeSelector: {}
                  variant: rtx
                  formats: [onnx]
                  engines: [{name: vllm, formats: [vllm], command: [vllm]}]
                  runner: {image: "runner@sha256:0"}
                """, ComputeTier.class);
        Node node = node(Map.of(), "Ready", "True");
        assertThat(NodeReading.read(node, modelNode(), tier).formats()).containsExactlyInAnyOrder("onnx", "vllm");
        assertThat(NodeReading.read(node, modelNode(), tier(NO_FALLBACK)).formats())
                .as("a tier that does not say")
                .isEmpty();
    }

    @Test
    void aNodeWhoseRunnerNeverSpokeIsReadAllTheSame() {
        NodeFacts facts = NodeReading.read(
                new NodeBuilder()
                        .withNewMetadata()
                        .withName("clinic-7")
                        .endMetadata()
                        .build(),
                modelNode(),
                tier(NO_FALLBACK));
        assertThat(facts.gpus()).isEmpty();
        assertThat(facts.instructions()).isEmpty();
        assertThat(facts.reachable()).isFalse();
        assertThat(facts.report(Told.MODEL)).isEmpty();
    }

    @ParameterizedTest(name = "{0}={1}: ready {2}")
    @CsvSource({"Ready, True, true", "Ready, False, false", "Ready, Unknown, false", "DiskPressure, True, false"})
    void aNodeIsReachableWhenKubernetesSaysItIsReady(String type, String status, boolean ready) {
        assertThat(NodeReading.isReady(node(Map.of(), type, status))).isEqualTo(ready);
    }

    private static java.util.Optional<String> cuda(Map<String, String> labels) {
        return NodeReading.read(node(labels, "Ready", "True"), modelNode(), tier(NO_FALLBACK))
                .cudaVersion();
    }

    private static Node node(Map<String, String> labels, String condition, String status) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("clinic-7")
                .withLabels(labels)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType(condition)
                .withStatus(status)
                .endCondition()
                .endStatus()
                .build();
    }

    private static ModelNode modelNode() {
        ModelNode modelNode = new ModelNode();
        modelNode.getMetadata().setName("clinic-7");
        modelNode.getMetadata().setUid("uid-of-modelnode");
        modelNode.getMetadata().setCreationTimestamp("2026-03-01T00:00:00Z");
        return modelNode;
    }

    private static ComputeTier tier(Memory memory) {
        ComputeTier tier = new ComputeTier();
        tier.getMetadata().setName("rtx");
        tier.setSpec(one(memory));
        return tier;
    }

    private static ComputeTierSpec one(Memory memory) {
        return spec(memory, "One");
    }

    private static ComputeTierSpec all(Memory memory) {
        return spec(memory, "All");
    }

    private static ComputeTierSpec spec(Memory memory, String gpus) {
        RunnerTemplate runner = Serialization.unmarshal("image: runner\ngpus: " + gpus, RunnerTemplate.class);
        return new ComputeTierSpec(null, "rtx", null, null, memory, runner);
    }
}
