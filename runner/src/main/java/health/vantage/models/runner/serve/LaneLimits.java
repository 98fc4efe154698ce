package health.vantage.models.runner.serve;

import java.util.Map;

/**
 * The limits of each model.
 *
 * @param otherwise of models without limits of their own
 * @param named by the name a model is served under
 */
public record LaneLimits(QueueLimits otherwise, Map<String, QueueLimits> named) {
    public LaneLimits {
        named = Map.copyOf(named);
    }

    public static LaneLimits all(QueueLimits limits) {
        return new LaneLimits(limits, Map.of());
    }

    public QueueLimits of(String model) {
        return named.getOrDefault(model, otherwise);
    }
}
