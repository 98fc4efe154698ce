package health.vantage.models.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What people and {@code compose.yaml} write, parsed by the runner's own command line and not carried out. */
final class CommandLineTest {
    private static final Path WORKSTATION = Path.of("../config/workstation");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([A-Z_]+)|Env ([A-Z_]+)");

    @ParameterizedTest
    @ValueSource(strings = {"serve", "agent", "prefetch --config=models.yaml", "backends"})
    void everyCommandIsUnderstoodWithItsDefaults(String line) {
        assertThatCode(() -> runner().parseArgs(line.split(" "))).doesNotThrowAnyException();
    }

    @Test
    void everyCommandOfTheComposeFileIsUnderstood() throws Exception {
        Map<String, Map<String, Object>> runners = runners(compose());

        assertThat(runners.keySet()).containsExactlyInAnyOrder("prefetch", "runner");
        runners.forEach((name, service) -> assertThatCode(
                        () -> runner().parseArgs(command(service).toArray(String[]::new)))
                .as("service %s", name)
                .doesNotThrowAnyException());
    }

    @Test
    void theRunnerReadsEveryVariableThatTheComposeFileSets() throws Exception {
        runners(compose()).forEach((name, service) -> assertThat(
                        variables(command(service).getFirst()))
                .as("what %s reads", name)
                .containsAll(map(service.get("environment")).keySet()));
    }

    @Test
    void everyPathThatTheRunnerIsToldIsMounted() throws Exception {
        List<String> keys = strings(map(new Yaml().load(Files.readString(WORKSTATION.resolve("models.yaml"))))
                .get("publicKeys"));
        runners(compose()).forEach((name, service) -> {
            List<String> mounted = targets(service);
            List<String> told = new ArrayList<>(command(service).stream()
                    .filter(part -> part.startsWith("/"))
                    .toList());
            map(service.get("environment")).values().forEach(value -> told.add(value.toString()));
            // Relative to the file that names them.
            keys.forEach(key -> told.add("/etc/vantage/" + key));

            assertThat(mounted).as("what %s finds", name).containsAll(told);
        });
    }

    @Test
    void portsAndPatienceAreThoseOfTheRunner() throws Exception {
        Map<String, Object> service = runners(compose()).get("runner");
        CommandLine serve = runner().getSubcommands().get("serve");

        assertThat(strings(service.get("ports")))
                .containsExactly(
                        "127.0.0.1:%1$s:%1$s".formatted(defaultOf(serve, "--grpc-port")),
                        "127.0.0.1:%1$s:%1$s".formatted(defaultOf(serve, "--http-port")));
        Duration grace = Duration.parse("PT" + service.get("stop_grace_period").toString());
        Duration drain = Duration.ofSeconds(Long.parseLong(defaultOf(serve, "--drain")));
        assertThat(grace).as("docker kills what has not ended by then").isGreaterThan(drain);
    }

    @Test
    void theCacheIsHandedToTheUserThatTheImageRunsAs() throws Exception {
        Map<String, Object> compose = compose();
        Map<String, Object> own = map(map(compose.get("services")).get("own"));
        String image = Files.readString(Path.of("Dockerfile"));

        assertThat(strings(own.get("entrypoint"))).containsExactly("chown", "65532:65532", "/var/lib/vantage/models");
        assertThat(image).contains("USER 65532:65532").contains("command -v chown");
        assertThat(strings(own.get("volumes"))).containsExactly("models:/var/lib/vantage/models");
        assertThat(map(compose.get("volumes"))).containsKey("models");
        runners(compose).values().forEach(service -> {
            assertThat(map(service.get("depends_on")).keySet()).containsExactly("own");
            assertThat(strings(service.get("volumes"))).contains("models:/var/lib/vantage/models");
        });
    }

    private static CommandLine runner() {
        return new CommandLine(RunnerMain.class);
    }

    private static Map<String, Object> compose() throws IOException {
        // SnakeYAML merges "<<", as Docker's parser does.
        return map(new Yaml().load(Files.readString(WORKSTATION.resolve("compose.yaml"))));
    }

    /** Those that start what the image starts. */
    private static Map<String, Map<String, Object>> runners(Map<String, Object> compose) {
        Map<String, Map<String, Object>> found = new TreeMap<>();
        map(compose.get("services")).forEach((name, service) -> {
            if (!map(service).containsKey("entrypoint")) {
                found.put(name, map(service));
            }
        });
        return found;
    }

    private static List<String> command(Map<String, Object> service) {
        return strings(service.get("command"));
    }

    /** Where its volumes are mounted: the second part of {@code source:target[:ro]}, after a source that may hold {@code ${..:-..}}. */
    private static List<String> targets(Map<String, Object> service) {
        return strings(service.get("volumes")).stream()
                .map(volume -> volume.replaceAll("\\$\\{[^}]*}", "source").split(":")[1])
                .toList();
    }

    private static Set<String> variables(String command) {
        Set<String> names = new TreeSet<>();
        for (OptionSpec option :
                runner().getSubcommands().get(command).getCommandSpec().options()) {
            Stream.concat(Stream.of(String.valueOf(option.defaultValue())), Stream.of(option.description()))
                    .flatMap(text -> VARIABLE.matcher(text).results())
                    .map(CommandLineTest::name)
                    .forEach(names::add);
        }
        return names;
    }

    private static String name(MatchResult found) {
        return found.group(1) == null ? found.group(2) : found.group(1);
    }

    /** As it is without any variable: {@code ${env:NAME:-20}} is 20. */
    private static String defaultOf(CommandLine command, String option) {
        return command.getCommandSpec()
                .findOption(option)
                .defaultValue()
                .replaceAll("\\$\\{env:[A-Z_]+:-([^}]*)}", "$1");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(Object::toString).toList();
    }
}
