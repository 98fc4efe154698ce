package health.vantage.models.runner.engine;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code {model}} and its like in a command. Values are put in as they are: there is no shell that could read them. */
final class Placeholders {
    /** JSON in an argument has quotes after its braces, and is no placeholder. */
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z]+)}");

    private static final Set<String> KNOWN = Set.of("model", "file", "name", "version", "port", "vramMiB", "vramShare");

    private Placeholders() {}

    /** @throws IllegalArgumentException when the text has one that is not known */
    static void check(String text, String path) {
        PLACEHOLDER.matcher(text).results().map(found -> found.group(1)).forEach(name -> {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                        path + ": {" + name + "} is no placeholder; known are " + new java.util.TreeSet<>(KNOWN));
            }
        });
    }

    static boolean uses(String text, String name) {
        return text.contains("{" + name + "}");
    }

    static String fill(String text, Map<String, String> values) {
        return PLACEHOLDER.matcher(text).replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1))));
    }
}
