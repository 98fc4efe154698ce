package health.vantage.models.operator.report;

import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A list-map of conditions whose transition times move only when the status does. */
final class Conditions {
    /** The API asks for at most 32,768; a sentence that long helps nobody. */
    private static final int LONGEST_MESSAGE = 1024;

    private final Map<ConditionType, Condition> byType = new EnumMap<>(ConditionType.class);
    private final long generation;
    private final Instant now;

    Conditions(List<Condition> last, long generation, Instant now) {
        this.generation = generation;
        this.now = now;
        for (Condition condition : last) {
            for (ConditionType type : ConditionType.values()) {
                if (type.name().equals(condition.type())) {
                    byType.put(type, condition);
                }
            }
        }
    }

    void set(ConditionType type, Status status, String reason, String message) {
        Condition old = byType.get(type);
        String since = old != null && old.status() == status
                ? old.lastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
        String said = message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE - 1) + "…" : message;
        byType.put(type, new Condition(type.name(), status, generation, since, reason, said));
    }

    Optional<Condition> get(ConditionType type) {
        return Optional.ofNullable(byType.get(type));
    }

    List<Condition> inOrder() {
        return List.copyOf(byType.values());
    }
}
