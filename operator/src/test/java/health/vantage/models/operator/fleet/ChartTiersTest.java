package health.vantage.models.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.api.ComputeTier;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tiers that the chart installs find the nodes they are for, and no node belongs to two of them. */
class ChartTiersTest {
    private static final Path VALUES = Path.of("..", "helm", "vantage-model-operator", "values.yaml");
    private static final Path SAMPLE = Path.of("..", "config", "samples", "computetier.yaml");
    private static final String PRODUCT = "nvidia.com/gpu.product";
    private static final String HARDWARE = "models.vantage.health/hardware";

    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final Map<String, LabelSelector> TIERS = tiers();

    @ParameterizedTest
    @CsvSource({
        "arm64, Orin,                           jetson",
        "arm64, Orin-SHARED,                    jetson",
        "arm64, unknown,                        jetson",
        "amd64, NVIDIA-RTX-A6000,               rtx",
        "amd64, NVIDIA-RTX-6000-Ada-Generation, rtx",
        "amd64, NVIDIA-H100-80GB-HBM3,          dgx",
        "amd64, NVIDIA-A100-SXM4-80GB-SHARED,   dgx",
    })
    void aNodeIsRecognisedByItsGpu(String arch, String product, String tier) {
        assertThat(tiersOf(Map.of("kubernetes.io/arch", arch, PRODUCT, product)))
                .containsExactly(tier);
    }

    @Test
    void anUnknownProductOnAnotherArchitectureIsNoJetson() {
        assertThat(tiersOf(Map.of("kubernetes.io/arch", "amd64", PRODUCT, "unknown")))
                .isEmpty();
    }

    @Test
    void aGpuNodeWhoseLabelsAreGoneForAMinuteIsNotTakenForACpuNode() {
        assertThat(tiersOf(Map.of("kubernetes.io/arch", "amd64"))).isEmpty();
        assertThat(tiersOf(Map.of(HARDWARE, "cpu"))).containsExactly("cpu");
    }

    @Test
    void aLabelOfPeopleKeepsANodeOutOrMovesItToTheirOwnTier() {
        var orin = Map.of("kubernetes.io/arch", "arm64", PRODUCT, "Orin");
        assertThat(tiersOf(with(orin, "none"))).isEmpty();
        assertThat(tiersOf(with(orin, "jetson-agx"))).containsExactly("jetson-agx");
    }

    @Test
    void noNodeBelongsToTwoTiers() {
        var products = new TreeSet<>(Set.of("unknown", "NVIDIA-L4"));
        TIERS.values().stream()
                .flatMap(selector -> selector.getMatchExpressions().stream())
                .filter(expression -> expression.getKey().equals(PRODUCT))
                .forEach(expression -> products.addAll(expression.getValues()));
        assertThat(products).hasSizeGreaterThan(10);
        for (String product : products) {
            for (String arch : Set.of("amd64", "arm64")) {
                var labels = Map.of("kubernetes.io/arch", arch, PRODUCT, product);
                assertThat(tiersOf(labels)).as("%s on %s", product, arch).hasSizeLessThan(2);
                for (String hardware : Set.of("cpu", "none", "jetson-agx", "rtx")) {
                    assertThat(tiersOf(with(labels, hardware)))
                            .as("%s on %s, %s=%s", product, arch, HARDWARE, hardware)
                            .hasSizeLessThan(2);
                }
            }
        }
    }

    private static Set<String> tiersOf(Map<String, String> labels) {
        var found = new TreeSet<String>();
        TIERS.forEach((name, selector) -> {
            if (Membership.matches(selector, labels)) {
                found.add(name);
            }
        });
        return found;
    }

    private static Map<String, String> with(Map<String, String> labels, String hardware) {
        var more = new HashMap<>(labels);
        more.put(HARDWARE, hardware);
        return more;
    }

    private static Map<String, LabelSelector> tiers() {
        var selectors = new HashMap<String, LabelSelector>();
        JsonNode values = YAML.unmarshal(text(VALUES), JsonNode.class);
        values.path("tiers")
                .properties()
                .forEach(tier -> selectors.put(
                        tier.getKey(),
                        new ObjectMapper().convertValue(tier.getValue().path("nodeSelector"), LabelSelector.class)));
        ComputeTier sample = YAML.unmarshal(text(SAMPLE), ComputeTier.class);
        selectors.put(sample.getMetadata().getName(), sample.getSpec().nodeSelector());
        return selectors;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
