package health.vantage.models.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.crdv2.generator.CRDGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The CRDs in {@code crds/} and in the chart are those of the classes. {@code make crds} writes them anew. */
class CrdsAreFreshTest {
    private static final List<Path> HOMES =
            List.of(Path.of("../crds"), Path.of("../helm/vantage-model-operator-crds/templates"));

    @Test
    void theCheckedInDefinitionsAreThoseOfTheClasses() throws IOException {
        Map<String, String> generated = generate();
        assertThat(generated)
                .containsOnlyKeys(
                        "computetiers.models.vantage.health.yaml",
                        "modeldeployments.models.vantage.health.yaml",
                        "modelnodes.models.vantage.health.yaml",
                        "modelrevisions.models.vantage.health.yaml");
        for (Path home : HOMES) {
            for (var crd : generated.entrySet()) {
                Path file = home.resolve(crd.getKey());
                if (Boolean.getBoolean("crds.write")) {
                    Files.createDirectories(home);
                    Files.writeString(file, crd.getValue());
                }
                assertThat(file)
                        .as("run `make crds` and commit the result")
                        .exists()
                        .hasContent(crd.getValue());
            }
        }
    }

    private static Map<String, String> generate() throws IOException {
        var files = new TreeMap<String, String>();
        try (var output = new CRDGenerator.AbstractCRDOutput<ByteArrayOutputStream>() {
            @Override
            protected ByteArrayOutputStream createStreamFor(String name) {
                return new ByteArrayOutputStream() {
                    @Override
                    public void close() {
                        files.put(name.replace("-v1", "") + ".yaml", toString(StandardCharsets.UTF_8));
                    }
                };
            }
        }) {
            new CRDGenerator()
                    .customResourceClasses(
                            List.of(ModelDeployment.class, ModelRevision.class, ModelNode.class, ComputeTier.class))
                    .forCRDVersions("v1")
                    .withOutput(output)
                    .withPostProcessor(new CrdFinish())
                    .generate();
        }
        return files;
    }
}
