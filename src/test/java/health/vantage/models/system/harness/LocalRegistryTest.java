package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRegistryTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @Test
    void whatWasPushedIsThereAfterTheRegistryWasAway() throws Exception {
        try (var registry = LocalRegistry.start(Assets.locate(), folder)) {
            byte[] blob = "weights".getBytes(StandardCharsets.UTF_8);
            String digest = "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(blob));
            URI place = registry.url()
                    .resolve(send(request(registry, "/v2/vantage/retina/blobs/uploads/")
                                    .POST(BodyPublishers.noBody()))
                            .headers()
                            .firstValue("Location")
                            .orElseThrow());
            var put = HttpRequest.newBuilder(URI.create(place + "&digest=" + digest))
                    .PUT(BodyPublishers.ofByteArray(blob));
            assertThat(send(put).statusCode()).isEqualTo(201);

            registry.stop();
            String url = "/v2/vantage/retina/blobs/" + digest;
            assertThatThrownBy(() -> send(request(registry, url))).isInstanceOf(IOException.class);
            registry.start();

            assertThat(send(request(registry, url)).body()).isEqualTo("weights");
            assertThat(send(request(registry, url).DELETE()).statusCode()).isEqualTo(202);
        }
    }

    @Test
    void aRegistryWithUsersRefusesAStranger() throws Exception {
        String nobody = "nurse:$2y$05$m8w7cgh2kIbY0dJJ9hXyEOxPQ9sQYnMsGx8oJHy1x6vY3g5xw8YbC\n";
        try (var registry = LocalRegistry.startWithUsers(Assets.locate(), folder, nobody)) {
            var answer = send(request(registry, "/v2/vantage/retina/tags/list"));

            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate"))
                    .hasValueSatisfying(value -> assertThat(value).startsWith("Basic"));
        }
    }

    private static HttpRequest.Builder request(LocalRegistry registry, String path) {
        return HttpRequest.newBuilder(registry.url().resolve(path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
