package health.vantage.models.operator.rollout;

import health.vantage.models.api.Rollout;
import health.vantage.models.api.Span;
import health.vantage.models.operator.plan.Quorum;
import java.time.Duration;

/**
 * {@code spec.rollout}, parsed.
 *
 * @param maxErrorRate 0 to 1
 * @param maxLatencyFactor multiple of the metadata's latencyMs
 */
public record Policy(
        Quorum quorum,
        int canaryNodes,
        Duration stageTimeout,
        Duration activateTimeout,
        Duration soak,
        double maxErrorRate,
        double maxLatencyFactor) {

    /** @throws IllegalArgumentException naming the field that is wrong and what it may be */
    public static Policy of(Rollout spec) {
        return new Policy(
                Quorum.parse(spec.requireNodes()),
                spec.canaryNodes(),
                span("stageTimeout", spec.stageTimeout()),
                span("activateTimeout", spec.activateTimeout()),
                span("soak", spec.soak()),
                percent(spec.maxErrorRate()),
                spec.maxLatencyFactor());
    }

    private static Duration span(String field, String text) {
        try {
            return Span.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("spec.rollout." + field + ": " + e.getMessage(), e);
        }
    }

    private static double percent(String text) {
        if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,3})?%")) {
            throw new IllegalArgumentException(
                    "spec.rollout.maxErrorRate: '" + text + "' is not a percentage such as 1% or 0.5%");
        }
        return Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
    }
}
