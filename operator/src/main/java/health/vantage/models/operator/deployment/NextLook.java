package health.vantage.models.operator.deployment;

import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** How long to wait for an event before looking at a deployment without one. Pure. */
final class NextLook {
    /** While nodes work, their reports come as events; this is for deadlines, and for an event that was lost. */
    static final Duration AT_A_ROLLOUT = Duration.ofSeconds(2);

    static final Duration AT_WHAT_IS_NOT_READY = Duration.ofSeconds(10);
    private static final Duration AT_WHAT_IS_SETTLED = Duration.ofSeconds(60);

    /** Not a moment before the time has come. */
    private static final Duration SLACK = Duration.ofMillis(50);

    private NextLook() {}

    static Duration after(Observed observed, StatusDraft draft, Policy policy) {
        Stream<Duration> due = Stream.of(ResolveStep.next(observed, draft), restOfSoak(draft, policy))
                .flatMap(Optional::stream)
                .map(SLACK::plus);
        return Stream.concat(Stream.of(atMost(draft)), due)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Duration atMost(StatusDraft draft) {
        if (draft.rollout.phase().underWay()) {
            return AT_A_ROLLOUT;
        }
        return draft.isTrue(ConditionType.Ready) ? AT_WHAT_IS_SETTLED : AT_WHAT_IS_NOT_READY;
    }

    /** Nobody reports that soak is over; once it is, only nodes can bring anything new. */
    private static Optional<Duration> restOfSoak(StatusDraft draft, Policy policy) {
        return Optional.of(draft.rollout)
                .filter(rollout -> rollout.phase() == Phase.Soaking)
                .map(rollout -> Duration.between(
                        draft.now(), Instant.parse(rollout.phaseSince()).plus(policy.soak())))
                .filter(Duration::isPositive);
    }
}
