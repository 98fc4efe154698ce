package health.vantage.models.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The person on call finds every reason in docs/operations.md, as a heading {@code ### Reason}. */
class RunbookTest {
    private static final Path OPERATIONS = Path.of("..", "docs", "operations.md");
    private static final Pattern HEADING = Pattern.compile("^### (\\S+)\\s*$");
    private static final Pattern LINK = Pattern.compile("\\]\\(#([a-z]+)\\)");

    @Test
    void everyReasonHasExactlyOneEntryAndEveryEntryIsAReason() throws IOException {
        assertThat(headings())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(Reason.values()).map(Enum::name).toList());
    }

    @Test
    void everyEntrySaysWhatItMeansAndWhatToDo() throws IOException {
        assertThat(entries()).allSatisfy((reason, text) -> assertThat(text)
                .as("docs/operations.md, ### %s", reason)
                .containsSubsequence("- **Means:** ", "- **Do:** "));
    }

    @Test
    void linksWithinTheRunbookLeadToAHeading() throws IOException {
        List<String> anchors = new ArrayList<>(headings().stream()
                .map(heading -> heading.toLowerCase(java.util.Locale.ROOT))
                .toList());
        anchors.add("runbook");
        Matcher links = LINK.matcher(Files.readString(OPERATIONS));
        assertThat(links.results().map(link -> link.group(1)).toList())
                .isNotEmpty()
                .isSubsetOf(anchors);
    }

    private static List<String> headings() throws IOException {
        return Files.readAllLines(OPERATIONS).stream()
                .map(HEADING::matcher)
                .filter(Matcher::matches)
                .map(heading -> heading.group(1))
                .toList();
    }

    private static Map<String, String> entries() throws IOException {
        var entries = new LinkedHashMap<String, String>();
        String current = null;
        for (String line : Files.readAllLines(OPERATIONS)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                current = heading.group(1);
                entries.put(current, "");
            } else if (line.startsWith("#")) {
                current = null;
            } else if (current != null) {
                entries.merge(current, line + "\n", String::concat);
            }
        }
        return entries;
    }
}
