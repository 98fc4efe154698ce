package health.vantage.models.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class SteadyClockTest {
    @Test
    void timePassesByTicksAloneWhateverTheWallClockIsSetTo() {
        Instant start = Instant.parse("1970-01-01T00:00:10Z");
        AtomicLong ticks = new AtomicLong(Long.MAX_VALUE - 5);
        SteadyClock clock = new SteadyClock(start, ticks::get);
        assertThat(clock.instant()).isEqualTo(start);

        // Ticks may begin anywhere, and wrap.
        ticks.addAndGet(Duration.ofMinutes(2).toNanos());

        assertThat(clock.instant()).isEqualTo(start.plus(Duration.ofMinutes(2)));
    }
}
