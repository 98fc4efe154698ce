package health.vantage.models.artifact.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Headers that a registry chooses: challenges and ranges. */
class HostileAnswersTest {
    @Test
    void challengesAreReadOrNotButNeverForLong() {
        var random = new Random(1);
        String[] parts = {
            "Bearer ",
            "Basic ",
            "realm",
            "=",
            "\"",
            "\\\"",
            "\\",
            ",",
            " ",
            "https://x/token",
            "scope",
            "a:b:pull",
            "\t",
            "service=\"y\"",
            ",,,,",
            "====",
            "Negotiate",
            "\u00e4",
            "x".repeat(300)
        };
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < 20_000; i++) {
                var header = new StringBuilder(i % 3 == 0 ? "Bearer realm=\"https://x\"" : "");
                for (int n = random.nextInt(20); n > 0; n--) {
                    header.append(parts[random.nextInt(parts.length)]);
                }
                Challenge.parse(header.toString())
                        .ifPresent(c -> assertThat(c.scheme()).isIn("basic", "bearer"));
            }
            Challenge.parse("Bearer realm=\"" + "\\".repeat(4000));
            Challenge.parse("Bearer " + "a=,".repeat(1300));
            Challenge.parse("Bearer " + " ".repeat(4000) + "a");
        });
    }

    @Test
    void aLongChallengeIsReadOnASmallStack() throws InterruptedException {
        var read = new java.util.concurrent.atomic.AtomicReference<java.util.Optional<Challenge>>();
        String realm = "https://auth.example.com/" + "\\\"x".repeat(1300);
        var thread = new Thread(
                null,
                () -> read.set(Challenge.parse("Bearer realm=\"" + realm + "\",service=\"s\"")),
                "small",
                128 << 10);
        thread.start();
        thread.join();
        assertThat(read.get().flatMap(challenge -> challenge.parameter("service")))
                .contains("s");
    }

    @Test
    void rangesThatWereNotAskedForNeverBecomeContent() throws IOException {
        byte[] content = Models.noise(1, 1000);
        Descriptor blob = Descriptor.of("x/y", Digest.of(content), content.length);
        String path = "/v2/a/b/blobs/" + blob.digest();
        String[] ranges = {
            "bytes 0-999/1000",
            "bytes 401-999/1000",
            "bytes */1000",
            "bytes 400-",
            "bytes -5",
            "bits 400-999/1000",
            "bytes 99999999999999999999-1/1",
            "bytes 400-999/1000, bytes 0-1/2",
            "",
            "bytes=400-999"
        };
        for (String range : ranges) {
            try (var stub = new StubRegistry()) {
                stub.on("GET " + path, StubRegistry.body(206, content, "Content-Range", range));
                try (InputStream _ = Models.open(stub.host() + "/a/b").openBlob(blob, 400)) {
                    throw new AssertionError("'" + range + "' was taken for bytes 400-999");
                } catch (ArtifactException e) {
                    assertThat(e.getMessage()).isNotBlank();
                }
            }
        }
    }
}
