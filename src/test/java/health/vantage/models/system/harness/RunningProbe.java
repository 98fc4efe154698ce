package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * One probe of one run of a container, with its thresholds. Until the first success it asks often, to save time, but counts
 * failures no faster than a kubelet would.
 */
final class RunningProbe {
    private static final Duration EAGER = Duration.ofMillis(200);

    private final ProbeTarget target;
    private final Duration period;
    private final Duration timeout;
    private final int successThreshold;
    private final int failureThreshold;
    private long nextNanos;
    private long countFailuresFrom;
    private int successes;
    private int failures;
    private boolean succeededOnce;
    private boolean good;

    RunningProbe(Probe probe, Container container, Map<Integer, Integer> ports, Duration delay) {
        target = ProbeTarget.of(probe, container, ports);
        period = seconds(probe.getPeriodSeconds(), 10);
        timeout = seconds(probe.getTimeoutSeconds(), 1);
        successThreshold = Objects.requireNonNullElse(probe.getSuccessThreshold(), 1);
        failureThreshold = Objects.requireNonNullElse(probe.getFailureThreshold(), 3);
        nextNanos = System.nanoTime() + delay.toNanos();
        countFailuresFrom = nextNanos;
    }

    /** How long until it is due; zero when it is. */
    Duration untilDue(long nowNanos) {
        return Duration.ofNanos(Math.max(0, nextNanos - nowNanos));
    }

    /** Asks, when it is due. */
    void ask() {
        if (nextNanos > System.nanoTime()) {
            return;
        }
        if (target.check(timeout)) {
            failures = 0;
            successes++;
            if (successes >= successThreshold) {
                good = true;
                succeededOnce = true;
            }
        } else {
            successes = 0;
            countFailure();
        }
        nextNanos = System.nanoTime() + (succeededOnce ? period : EAGER).toNanos();
    }

    private void countFailure() {
        if (System.nanoTime() < countFailuresFrom) {
            return;
        }
        countFailuresFrom = System.nanoTime() + period.toNanos();
        failures++;
        if (hasFailed()) {
            good = false;
        }
    }

    boolean isGood() {
        return good;
    }

    /** It has failed as often as its threshold allows, in a row. */
    boolean hasFailed() {
        return failures >= failureThreshold;
    }

    static Duration seconds(Integer given, int usual) {
        return Duration.ofSeconds(Objects.requireNonNullElse(given, usual));
    }
}
