package health.vantage.models.operator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentSpec;
import health.vantage.models.operator.Reason;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecCheckTest {
    private static final String MODEL = "model: {repository: r.example/m, version: '~2.4'}";

    @ParameterizedTest(name = "{0} -> {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "tiers: [rtx]                                                    | InvalidSpec | spec.model",
                "model: {repository: r}, tiers: [rtx]                            | InvalidSpec | exactly one",
                "model: {repository: r, version: '1', digest: d}, tiers: [rtx]   | InvalidSpec | exactly one",
                "M, tiers: []                                                    | InvalidSpec | at least one",
                "M, tiers: [rtx, rtx]                                            | InvalidSpec | twice",
                "M, tiers: [rtx, jetson]                                         | UnknownTier | no ComputeTier jetson",
                "M, tiers: [rtx], resolve: {interval: 10ms}                      | InvalidSpec | at least 1s",
                "M, tiers: [rtx], resolve: {interval: soon}                      | InvalidSpec | soon",
                "M, tiers: [rtx], rollout: {requireNodes: Some}                  | InvalidSpec | requireNodes",
                "M, tiers: [rtx], rollout: {soak: 99999999999999999999h}         | InvalidSpec | soak",
                "M, tiers: [rtx], verify: {attestations: [vuln]}                 | InvalidSpec | exactly one of publicKeys",
                "M, tiers: [rtx], verify: {keyless: {issuer: i, subject: s}, publicKeys: [{secretRef: {name: k}}]}"
                        + "| InvalidSpec | exactly one of publicKeys",
                "M, tiers: [rtx], verify: {keyless: {subject: s}}                | InvalidSpec | exactly one of issuer",
                "M, tiers: [rtx], verify: {keyless: {issuer: i, subject: s, subjectRegExp: r}}"
                        + "| InvalidSpec | exactly one of subject",
                "M, tiers: [rtx], verify: {keyless: {issuer: i, subject: s}, maxSeverity: HIGH}"
                        + "| InvalidSpec | demand vuln",
                "M, tiers: [rtx], rollout: {maxErrorRate: few}                   | InvalidSpec | maxErrorRate",
            })
    void whatIsWrongIsNamedWithItsField(String spec, Reason reason, String said) {
        assertThat(SpecCheck.problem(spec(spec), Map.of("rtx", new ComputeTier())))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(reason);
                    assertThat(problem.message()).contains(said);
                });
    }

    @Test
    void aGoodSpecHasNoProblem() {
        assertThat(SpecCheck.problem(spec("M, tiers: [rtx]"), Map.of("rtx", new ComputeTier())))
                .isEmpty();
    }

    @Test
    void noSpecAtAllIsAProblemNotACrash() {
        assertThat(SpecCheck.problem(null, Map.of())).isPresent();
    }

    private static ModelDeploymentSpec spec(String yaml) {
        String flow = yaml.strip().replaceFirst("^M,", MODEL + ",");
        return Serialization.unmarshal(
                        "kind: ModelDeployment\napiVersion: models.vantage.health/v1alpha1\nspec: {" + flow + "}",
                        ModelDeployment.class)
                .getSpec();
    }
}
