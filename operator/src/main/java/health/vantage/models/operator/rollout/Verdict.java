package health.vantage.models.operator.rollout;

import health.vantage.models.api.RolloutStatus.Phase;

/** What a rule says of an attempt. */
public sealed interface Verdict {
    /** Nothing to decide yet. */
    record Stay(String message) implements Verdict {}

    /** On to another phase. */
    record Advance(Phase next, String message) implements Verdict {}

    /** Every node goes back. */
    record TurnBack(Fault fault) implements Verdict {}
}
