package health.vantage.models.artifact.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    private static final int RATE = 1 << 20;

    /** Time that only passes while somebody waits. */
    private static final class Time implements RateLimit.Clock {
        private long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public void sleep(Duration pause) {
            nanos += pause.toNanos();
        }

        double seconds() {
            return nanos / 1e9;
        }
    }

    private final Time time = new Time();
    private final RateLimit limit = RateLimit.ofBytesPerSecond(RATE, time);

    private static InputStream bytes(int count) {
        return new ByteArrayInputStream(new byte[count]);
    }

    private static void drain(InputStream in) throws IOException {
        byte[] buffer = new byte[256 << 10];
        while (in.read(buffer) >= 0) {}
    }

    @Test
    void bytesArriveAtTheRate() throws IOException {
        drain(limit.limit(bytes(10 * RATE)));
        assertThat(time.seconds()).isBetween(9.8, 10.01);
    }

    @Test
    void allStreamsShareOneRate() throws IOException {
        InputStream one = limit.limit(bytes(5 * RATE));
        InputStream other = limit.limit(bytes(5 * RATE));
        byte[] buffer = new byte[64 << 10];
        while (one.read(buffer) >= 0 | other.read(buffer) >= 0) {}
        assertThat(time.seconds()).isBetween(9.8, 10.01);
    }

    @Test
    void aPauseBuysNoBurst() throws IOException {
        drain(limit.limit(bytes(RATE)));
        time.sleep(Duration.ofHours(1));
        double before = time.seconds();
        drain(limit.limit(bytes(2 * RATE)));
        assertThat(time.seconds() - before).isBetween(1.85, 2.01);
    }

    @Test
    void noReadIsSilentForLongerThanATenthOfASecond() throws IOException {
        InputStream in = limit.limit(bytes(RATE));
        byte[] buffer = new byte[RATE];
        double before = time.seconds();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            assertThat(time.seconds() - before).isLessThan(0.11);
            before = time.seconds();
        }
    }

    @Test
    void blobsOfARegistryAreLimitedAndManifestsAreNot() throws IOException {
        byte[] content = Models.noise(7, 3 * RATE);
        Descriptor blob = Descriptor.of("application/octet-stream", content);
        try (var stub = new StubRegistry()) {
            stub.on("GET /v2/vantage/retina-seg/blobs/" + blob.digest(), StubRegistry.ranged(content));
            var repository = new Repositories(Models.options().withRateLimit(limit))
                    .open(Reference.parse(stub.host() + "/vantage/retina-seg"));
            try (InputStream in = repository.openBlob(blob, RATE)) {
                assertThat(in.readAllBytes()).hasSize(2 * RATE);
            }
        }
        assertThat(time.seconds()).isBetween(1.85, 2.01);
    }

    @Test
    void ratesAreReadAsPeopleWriteThem() throws IOException {
        assertThat(RateLimit.parse("5M")).isNotNull();
        assertThat(RateLimit.parse("800K")).isNotNull();
        assertThat(RateLimit.parse("2048")).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "5 M", "5MB", "M", "1.5M", "12", "9999999999999"})
    void whatIsNoRateIsRefused(String rate) {
        assertThatThrownBy(() -> RateLimit.parse(rate)).isInstanceOf(IllegalArgumentException.class);
    }
}
