package health.vantage.models.operator.fleet;

import health.vantage.models.api.ComputeTier;
import io.fabric8.kubernetes.client.utils.Serialization;

/** A ComputeTier as a person writes it. */
final class ATier {
    private ATier() {}

    /** @param runner more of spec.runner, in YAML's flow style */
    static ComputeTier named(String name, String runner) {
        return Serialization.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ComputeTier
                metadata: {name: "%s", uid: uid-of-tier, generation: 2}
                spec:
                  nodeSelector: {matchLabels: {gpu: rtx}}
                  variant: rtx
                  runner: {image: "r.example/runner:2"%s}
                """.formatted(name, runner.isEmpty() ? "" : ", " + runner), ComputeTier.class);
    }
}
