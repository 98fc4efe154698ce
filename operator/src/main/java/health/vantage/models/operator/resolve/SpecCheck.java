package health.vantage.models.operator.resolve;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeploymentSpec;
import health.vantage.models.api.Span;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.rollout.Policy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What the schema cannot check, or an API server before 1.25 drops without a word. Pure. */
public final class SpecCheck {
    private SpecCheck() {}

    /** A wrong spec, as the Resolved condition tells it. */
    public record Problem(Reason reason, String message) {}

    public static Optional<Problem> problem(ModelDeploymentSpec spec, Map<String, ComputeTier> tiers) {
        if (spec == null || spec.model() == null) {
            return invalid("spec.model: is missing");
        }
        Optional<String> source = spec.model().problem();
        if (source.isPresent()) {
            return invalid(source.get());
        }
        Optional<String> verify = Optional.ofNullable(spec.verify()).flatMap(ModelDeploymentSpec.Verify::problem);
        if (verify.isPresent()) {
            return invalid(verify.get());
        }
        if (spec.tiers().isEmpty()) {
            return invalid("spec.tiers: name at least one ComputeTier");
        }
        if (new HashSet<>(spec.tiers()).size() != spec.tiers().size()) {
            return invalid("spec.tiers: " + spec.tiers() + " names a tier twice");
        }
        List<String> unknown =
                spec.tiers().stream().filter(tier -> !tiers.containsKey(tier)).toList();
        if (!unknown.isEmpty()) {
            return Optional.of(new Problem(
                    Reason.UnknownTier,
                    "spec.tiers: there is no ComputeTier " + String.join(", ", unknown) + "; there are "
                            + String.join(", ", new TreeSet<>(tiers.keySet()))));
        }
        try {
            Policy.of(spec.rollout());
            if (Span.parse(spec.resolve().interval()).toSeconds() < 1) {
                return invalid("spec.resolve.interval: at least 1s");
            }
        } catch (IllegalArgumentException e) {
            return invalid(e.getMessage());
        }
        return Optional.empty();
    }

    private static Optional<Problem> invalid(String message) {
        return Optional.of(new Problem(Reason.InvalidSpec, message));
    }
}
