package health.vantage.models.api;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them in YAML, {@code 90s}, {@code 1h30m}, {@code 500ms}: Go's notation. */
public final class Span {
    /** What the schema accepts. */
    public static final String PATTERN = "^([0-9]+(ms|s|m|h))+$";

    private static final Pattern PART = Pattern.compile("([0-9]+)(ms|s|m|h)");

    private Span() {}

    /** @throws IllegalArgumentException if the text is not of the form of {@link #PATTERN} */
    public static Duration parse(String text) {
        if (text == null || !text.matches(PATTERN) || text.length() > 32) {
            throw new IllegalArgumentException("'" + text + "' is not a duration such as 90s, 5m or 1h30m");
        }
        Duration sum = Duration.ZERO;
        for (Matcher part = PART.matcher(text); part.find(); ) {
            long amount = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        default -> Duration.ofHours(amount);
                    });
        }
        return sum;
    }
}
