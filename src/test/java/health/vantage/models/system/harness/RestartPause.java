package health.vantage.models.system.harness;

import java.time.Duration;

/** How long a crashed container waits: not at all, then ever longer; shorter than a kubelet's 10 s to 5 min, to save time. */
final class RestartPause {
    /** From here on the pod shows CrashLoopBackOff. */
    static final Duration SHOWN = Duration.ofSeconds(1);

    private static final Duration FIRST = Duration.ofMillis(250);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Duration FORGIVEN = Duration.ofSeconds(60);

    private Duration next = Duration.ZERO;

    /** The pause after a run that lasted so long. */
    Duration after(Duration ran) {
        if (ran.compareTo(FORGIVEN) > 0) {
            next = Duration.ZERO;
        }
        Duration pause = next;
        Duration doubled = next.isZero() ? FIRST : next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return pause;
    }
}
