package health.vantage.models.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryPolicyTest {
    private static final RetryPolicy POLICY = new RetryPolicy(5, Duration.ofMillis(100), Duration.ofMillis(300));

    private static Metadata pushback(String millis) {
        Metadata trailers = new Metadata();
        trailers.put(RetryPolicy.PUSHBACK, millis);
        return trailers;
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UNAVAILABLE"})
    void whatWouldEndTheSameWayIsNotTriedAgain(Status.Code code) {
        assertThat(POLICY.pause(1, code.toStatus(), new Metadata())).isEmpty();
    }

    @RepeatedTest(20)
    void pausesDoubleUpToTheLongestAndAreShortenedByNoMoreThanHalf() {
        assertPause(1, 100);
        assertPause(2, 200);
        assertPause(3, 300);
        assertPause(4, 300);
        assertThat(POLICY.pause(5, Status.UNAVAILABLE, new Metadata())).isEmpty();
    }

    private static void assertPause(int made, int most) {
        assertThat(POLICY.pause(made, Status.UNAVAILABLE, new Metadata()).orElseThrow())
                .isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
    }

    @RepeatedTest(20)
    void aFullRunnerIsAskedAgainWhenItSaysWhenAndNotBefore() {
        assertThat(POLICY.pause(1, Status.RESOURCE_EXHAUSTED, pushback("40")).orElseThrow())
                .isBetween(Duration.ofMillis(40), Duration.ofMillis(80));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "soon", ""})
    void aRunnerThatSaysDoNotComeBackIsObeyed(String said) {
        assertThat(POLICY.pause(1, Status.RESOURCE_EXHAUSTED, pushback(said))).isEmpty();
        assertThat(POLICY.pause(1, Status.UNAVAILABLE, pushback(said))).isEmpty();
    }

    @Test
    void noneIsOneAttempt() {
        assertThat(RetryPolicy.none().pause(1, Status.UNAVAILABLE, new Metadata()))
                .isEmpty();
    }
}
