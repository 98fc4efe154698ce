package health.vantage.models.operator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What people copy from us must be accepted as it stands. */
class SamplesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern YAML_IN_MARKDOWN = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final Map<String, ComputeTier> TIERS = Map.of(
            "jetson", new ComputeTier(),
            "rtx", new ComputeTier(),
            "dgx", new ComputeTier(),
            "cpu", new ComputeTier());

    @Test
    void everySampleIsAValidSpec() throws IOException {
        List<ModelDeployment> samples = new ArrayList<>();
        try (var files = Files.list(ROOT.resolve("config/samples"))) {
            for (Path file : files.sorted().toList()) {
                samples.addAll(deployments(Files.readString(file)));
            }
        }
        assertThat(samples).hasSizeGreaterThanOrEqualTo(4).allSatisfy(SamplesTest::isValid);
    }

    @Test
    void theReadmesExampleIsAValidSpec() throws IOException {
        Matcher blocks = YAML_IN_MARKDOWN.matcher(Files.readString(ROOT.resolve("README.md")));
        List<ModelDeployment> examples = blocks.results()
                .flatMap(block -> deployments(block.group(1)).stream())
                .toList();
        assertThat(examples).isNotEmpty().allSatisfy(SamplesTest::isValid);
    }

    private static void isValid(ModelDeployment deployment) {
        assertThat(SpecCheck.problem(deployment.getSpec(), TIERS))
                .as(deployment.getMetadata().getName())
                .isEmpty();
    }

    private static List<ModelDeployment> deployments(String yaml) {
        return Pattern.compile("^---\\s*$", Pattern.MULTILINE)
                .splitAsStream(yaml)
                .filter(document -> document.contains("kind: ModelDeployment"))
                .map(document -> YAML.unmarshal(document, ModelDeployment.class))
                .toList();
    }
}
