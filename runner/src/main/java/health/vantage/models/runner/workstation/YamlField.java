package health.vantage.models.runner.workstation;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A place in a YAML document that knows its path, so that every complaint can name it. */
record YamlField(String path, JsonNode node) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h)");
    private static final int MOST_ITEMS = 256;

    YamlField get(String key) {
        return new YamlField(path.isEmpty() ? key : path + "." + key, node.path(key));
    }

    boolean given() {
        return !node.isMissingNode() && !node.isNull();
    }

    IllegalArgumentException wrong(String sentence) {
        return new IllegalArgumentException((path.isEmpty() ? "the document" : path) + ": " + sentence);
    }

    /** A misspelt key would otherwise be a setting that silently does nothing. */
    YamlField onlyKeys(Set<String> known) {
        if (!node.isObject()) {
            throw wrong("a mapping with " + known + " belongs here");
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw get(key).wrong("is not known here; known are " + known);
            }
        });
        return this;
    }

    String text() {
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw wrong(given() ? "a text belongs here, not " + node : "is missing");
        }
        return node.textValue().strip();
    }

    Optional<String> optionalText() {
        return given() ? Optional.of(text()) : Optional.empty();
    }

    boolean flag(boolean otherwise) {
        if (given() && !node.isBoolean()) {
            throw wrong("true or false belongs here, not " + node);
        }
        return given() ? node.booleanValue() : otherwise;
    }

    int number(int least, int most) {
        if (!node.isIntegralNumber() || node.longValue() < least || node.longValue() > most) {
            throw wrong(
                    "a number between " + least + " and " + most + " belongs here" + (given() ? ", not " + node : ""));
        }
        return node.intValue();
    }

    double share(double otherwise) {
        if (!given()) {
            return otherwise;
        }
        if (!node.isNumber() || node.doubleValue() < 0 || node.doubleValue() > 1) {
            throw wrong("a share between 0 and 1 belongs here, such as 0.01, not " + node);
        }
        return node.doubleValue();
    }

    Duration duration(Duration otherwise, Duration shortest, Duration longest) {
        if (!given()) {
            return otherwise;
        }
        Matcher matcher = DURATION.matcher(node.asText());
        if (!node.isTextual() || !matcher.matches()) {
            throw wrong("a time such as 30s, 5m or 1h belongs here, not " + node);
        }
        long count = Long.parseLong(matcher.group(1));
        Duration duration =
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(count);
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    default -> Duration.ofHours(count);
                };
        if (duration.compareTo(shortest) < 0 || duration.compareTo(longest) > 0) {
            throw wrong(
                    node.textValue() + " is not between " + shortest.toMillis() + "ms and " + longest.toHours() + "h");
        }
        return duration;
    }

    /** The items of a list; none when it is not given. */
    List<YamlField> items() {
        if (!given()) {
            return List.of();
        }
        if (!node.isArray() || node.size() > MOST_ITEMS) {
            throw wrong("a list of at most " + MOST_ITEMS + " belongs here");
        }
        List<YamlField> items = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            items.add(new YamlField(path + "[" + i + "]", node.get(i)));
        }
        return items;
    }
}
