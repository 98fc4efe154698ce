package health.vantage.models.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/architecture.md leads a reader through files by name: they must be there. */
class ArchitecturePageTest {
    private static final Path PAGE = Path.of("..", "docs", "architecture.md");
    private static final Path CODE = Path.of("src/main/java/health/vantage/models/operator");
    private static final Pattern FILE = Pattern.compile("`([a-z]+/[A-Z][A-Za-z]+\\.java)`");
    private static final Pattern RULE = Pattern.compile("\\| `([A-Z][A-Za-z]+)` \\|");

    @Test
    void everyFileThatThePageNamesExists() throws IOException {
        List<String> files = named(FILE);
        assertThat(files).hasSizeGreaterThan(15).allSatisfy(file -> assertThat(CODE.resolve(file))
                .exists());
    }

    @Test
    void everyRuleInTheTableOfPhasesExists() throws IOException {
        assertThat(named(RULE)).hasSizeGreaterThan(5).allSatisfy(rule -> assertThat(
                        CODE.resolve("rollout").resolve(rule + ".java"))
                .exists());
    }

    private static List<String> named(Pattern pattern) throws IOException {
        return pattern.matcher(Files.readString(PAGE))
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
    }
}
