package health.vantage.models.runner.workstation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import health.vantage.models.api.Verification;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.runner.samples.SigningKey;
import health.vantage.models.runner.serve.Batching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WorkstationFileTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsReadWithItsDefaultsAndPathsRelativeToItself() throws Exception {
        String key = Signer.of(SigningKey.pem()).publicKeyPem();
        Files.writeString(folder.resolve("cosign.pub"), key);
        WorkstationConfig config = read("""
                registry: registry.vantage.health/vantage/
                variant: rtx
                publicKeys: [cosign.pub]
                attestations: [cyclonedx, vuln]
                maxSeverity: HIGH
                cacheFolder: cache
                poll: 2m
                soak: 30s
                models:
                  - repository: retina-seg
                    capabilities: [cv3, int8]
                  - name: det
                    repository: oci:/models/text-det
                    version: "~2.4"
                    variant: cpu
                    soak: 0s
                    maxErrorRate: 0.2
                    loadBeside: false
                    instances: 2
                    batching: {maxBatchSize: 16, preferredBatchSizes: [8, 4], maxQueueDelay: 5ms}
                """);

        assertThat(config.verify())
                .isEqualTo(new Verification(List.of(key), null, List.of("cyclonedx", "vuln"), "HIGH"));
        assertThat(config.cacheFolder()).contains(folder.resolve("cache"));
        assertThat(config.poll()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.models())
                .containsExactly(
                        new ModelWish(
                                "retina-seg",
                                "registry.vantage.health/vantage/retina-seg",
                                new Selector.Capabilities(List.of("cv3", "int8")),
                                "rtx",
                                Duration.ofSeconds(30),
                                0.01,
                                true,
                                LaneWish.NONE),
                        new ModelWish(
                                "det",
                                "oci:/models/text-det",
                                new Selector.VersionRange("~2.4"),
                                "cpu",
                                Duration.ZERO,
                                0.2,
                                false,
                                new LaneWish(
                                        Optional.of(2),
                                        Optional.of(new Batching(16, List.of(4, 8), Duration.ofMillis(5))))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    models: []                                                                          | models: at least one model
                    model: []                                                                           | model: is not known here
                    [1]                                                                                 | the document: a mapping
                    {models: [{repository: r.io/a, variant: x}]}                                        | models[0]: exactly one of capabilities, version and digest
                    {models: [{repository: r.io/a, variant: x, version: "~1", digest: y}]}              | models[0]: exactly one of
                    {models: [{repository: r.io/a, version: "~1"}]}                                     | models[0].variant: is missing
                    {models: [{variant: x, version: "~1"}]}                                             | models[0].repository: is missing
                    {variant: x, models: [{repository: "r.io/a:1", version: "~1"}]}                     | models[0].repository: r.io/a:1 names a tag
                    {variant: x, models: [{repository: a, version: "~1"}]}                              | models[0].repository:
                    {variant: x, models: [{repository: r.io/a, version: newest}]}                       | models[0].version:
                    {variant: x, models: [{repository: r.io/a, digest: "sha256:12"}]}                   | models[0].digest:
                    {variant: x, models: [{repository: r.io/a, capabilities: []}]}                      | models[0].capabilities:
                    {variant: x, models: [{repository: r.io/a, capabilities: [1]}]}                     | models[0].capabilities[0]: a text belongs here
                    {variant: x, models: [{repository: r.io/a, version: "1.x", name: Big}]}             | models[0].name: "Big" is no model name
                    {variant: x, models: [{repository: r.io/a, version: "1.x", sok: 1s}]}               | models[0].sok: is not known here
                    {variant: x, models: [{repository: r.io/a, version: "1.x", soak: 5}]}               | models[0].soak: a time such as
                    {variant: x, models: [{repository: r.io/a, version: "1.x", maxErrorRate: 3}]}       | models[0].maxErrorRate: a share
                    {variant: x, models: [{repository: r.io/a, version: "1.x", loadBeside: 1}]}         | models[0].loadBeside: true or false
                    {variant: x, models: [{repository: r.io/a, version: "1.x", instances: 0}]}          | models[0].instances: a number between 1 and 64 belongs here, not 0
                    {variant: x, models: [{repository: r.io/a, version: "1.x", batching: {}}]}          | models[0].batching.maxBatchSize: a number between 2 and 4096 belongs here
                    {variant: x, models: [{repository: r.io/a, version: "1.x", batching: {maxBatchSize: 4, preferredBatchSizes: [8]}}]} | models[0].batching: preferred batch sizes lie between 1 and the largest, 4, not [8]
                    {poll: 1ms, variant: x, models: [{repository: r.io/a, version: "1.x"}]}             | poll: 1ms is not between
                    {attestations: [vuln], variant: x, models: [{repository: r.io/a, version: "1.x"}]}  | of nobody
                    {attestations: [odd], variant: x, models: [{repository: r.io/a, version: "1.x"}]}   | no attestation type 'odd'; there are
                    {maxSeverity: BAD, variant: x, models: [{repository: r.io/a, version: "1.x"}]}      | no severity 'BAD'; there are
                    {keyless: {isuer: x}, variant: x, models: [{repository: r.io/a, version: "1.x"}]}   | keyless.isuer: is not known here
                    {keyless: {issuer: x}, variant: x, models: [{repository: r.io/a, version: "1.x"}]}  | either the subject or
                    {keyless: {issuer: x, subject: y, trustedRoot: no.json}, variant: x, models: [{repository: r.io/a, version: "1.x"}]} | keyless.trustedRoot: the trusted root
                    {publicKeys: [models.yaml], variant: x, models: [{repository: r.io/a, version: "1.x"}]}  | Public key 1 of 1
                    {publicKeys: [no.pub], variant: x, models: [{repository: r.io/a, version: "1.x"}]}  | publicKeys[0]: the key
                    {variant: x, variant: y, models: []}                                                | is no YAML at line 1
                    {variant: x, models: [{repository: r.io/a, version: "1.x"}, {repository: r.io/b/a, version: "1.x"}]} | models[1].name: "a" is used twice
                    """)
    void aMistakeNamesTheFileAndThePath(String yaml, String complaint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(yaml))
                .withMessageStartingWith(folder.resolve("models.yaml") + ": ")
                .withMessageContaining(complaint);
    }

    private WorkstationConfig read(String yaml) throws IOException {
        return WorkstationFile.read(Files.writeString(folder.resolve("models.yaml"), yaml));
    }
}
