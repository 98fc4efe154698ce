package health.vantage.models.artifact.registry;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A parsed {@code WWW-Authenticate} header. Source: RFC 9110, section 11; distribution's token specification. */
record Challenge(String scheme, Map<String, String> parameters) {
    /** Possessive inside the quotes: else each character takes a stack frame, and a long header all of a small stack. */
    private static final Pattern PARAMETER =
            Pattern.compile("\\G\\s*,?\\s*([A-Za-z_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]+))");

    static Optional<Challenge> parse(String header) {
        String text = header.strip();
        if (text.length() > 4096) {
            return Optional.empty();
        }
        int space = text.indexOf(' ');
        String scheme = (space < 0 ? text : text.substring(0, space)).toLowerCase(Locale.ROOT);
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher matcher = PARAMETER.matcher(space < 0 ? "" : text.substring(space));
        while (matcher.find()) {
            String value = matcher.group(2) != null ? matcher.group(2).replaceAll("\\\\(.)", "$1") : matcher.group(3);
            parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), value);
        }
        return scheme.equals("basic") || scheme.equals("bearer")
                ? Optional.of(new Challenge(scheme, parameters))
                : Optional.empty();
    }

    boolean bearer() {
        return scheme.equals("bearer");
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }
}
