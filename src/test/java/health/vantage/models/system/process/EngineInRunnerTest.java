package health.vantage.models.system.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.runner.engine.EngineAtHand;
import health.vantage.models.runner.samples.SampleRepository;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines of a workstation's file under a real runner process; a small real HTTP server stands in for vLLM. */
final class EngineInRunnerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void noEngineOutlivesItsRunnerHoweverThatEnds() throws Exception {
        Path config = config();
        try (RunnerChild runner = RunnerChild.start(folder, Map.of(), "--config=" + config)) {
            runner.awaitLog("ready: serving [llm]");
            ProcessHandle engine = engine(runner);
            ProcessHandle worker = await().atMost(LONG)
                    .until(() -> engine.children().findFirst().orElse(null), found -> found != null);

            runner.kill9();

            await().atMost(LONG).until(() -> !engine.isAlive() && !worker.isAlive());
        }
        try (RunnerChild again = RunnerChild.start(folder, Map.of(), "--config=" + config)) {
            again.awaitLog("answers at http://127.0.0.1:");
            await().atMost(LONG).until(() -> ask(again, "/v1/who").equals("200 hello"));
            ProcessHandle engine = engine(again);

            again.term();

            assertThat(again.exit()).as(again.log()).isZero();
            assertThat(engine.isAlive()).isFalse();
            assertThat(again.log()).contains("tiny has ended");
        }
    }

    @Test
    void aWorkstationFollowsATagFromEngineToEngine() throws Exception {
        Path config = config();
        try (RunnerChild runner = RunnerChild.start(folder, Map.of(), "--config=" + config)) {
            runner.awaitLog("ready: serving [llm]");
            SampleRepository repository = SampleRepository.layout(folder, "llm");
            new ModelPusher(repository.repository()).promote(repository.pushForEngine("2.0.0", "newer"));

            await().atMost(LONG).until(() -> ask(runner, "/v1/who").equals("200 newer"));
        }
    }

    private Path config() throws IOException {
        SampleRepository repository = SampleRepository.layout(folder, "llm");
        new ModelPusher(repository.repository()).promote(repository.pushForEngine("1.0.0", "hello", "ignores-term"));
        // JSON is YAML too.
        String engines = new ObjectMapper().writeValueAsString(List.of(EngineAtHand.tier("60s", 8)));
        return Files.writeString(folder.resolve("models.yaml"), """
                variant: cpu
                poll: 200ms
                soak: 0s
                engines: %s
                models:
                  - {repository: '%s', capabilities: [sample]}
                """.formatted(engines, repository.reference()));
    }

    private static ProcessHandle engine(RunnerChild runner) throws Exception {
        String answer = ask(runner, "/pid");
        return ProcessHandle.of(Long.parseLong(answer.substring("200 ".length())))
                .orElseThrow();
    }

    private static String ask(RunnerChild runner, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + runner.httpPort() + "/engines/llm" + path))
                            .build(),
                    BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }
}
