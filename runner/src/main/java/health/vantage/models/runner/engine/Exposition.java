package health.vantage.models.runner.engine;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody else's metrics in Prometheus' text format, version 0.0.4. */
record Exposition(String text) {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})?( .+)");
    private static final Pattern MODEL_LABEL = Pattern.compile("(^|,)\\s*model\\s*=");

    /**
     * The same samples with the label {@code model}; a label of that name that they have already becomes {@code exported_model}, as
     * Prometheus does it. What is no sample is left out.
     *
     * @param described names whose HELP and TYPE were given before; those given here are added
     */
    String labelled(String model, Set<String> described) {
        StringBuilder all = new StringBuilder();
        text.lines().forEach(line -> {
            if (line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", 4);
                if (words.length > 3 && described.add(words[1] + " " + words[2])) {
                    all.append(line).append('\n');
                }
                return;
            }
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches()) {
                String labels = sample.group(2) == null ? "" : sample.group(2);
                String theirs = MODEL_LABEL.matcher(labels).replaceFirst("$1exported_model=");
                all.append(sample.group(1))
                        .append("{model=\"")
                        .append(escaped(model))
                        .append('"')
                        .append(theirs.isBlank() ? "" : "," + theirs)
                        .append('}')
                        .append(sample.group(3))
                        .append('\n');
            }
        });
        return all.toString();
    }

    static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
