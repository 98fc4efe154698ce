package health.vantage.models.runner;

import health.vantage.models.runner.serve.Batching;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.workstation.WorkstationConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How requests of each model run: instances and batching, for all models or for one by its name. */
final class LaneArguments {
    private static final Pattern BATCH = Pattern.compile("(\\d{1,5})(?::(\\d{1,6})(us|ms)(?::(\\d+(?:\\+\\d+)*))?)?");

    @Option(
            names = "--instances",
            paramLabel = "[model=]n",
            split = ",",
            defaultValue = "${env:VANTAGE_INSTANCES:-}",
            description = "Env VANTAGE_INSTANCES: runs of one model at the same time, for every model or for the one"
                    + " named. Repeatable or with commas. Default: 1")
    private List<String> instances = new ArrayList<>();

    @Option(
            names = "--batch",
            paramLabel = "[model=]max[:delay[:preferred+...]]",
            split = ",",
            defaultValue = "${env:VANTAGE_BATCH:-}",
            description =
                    "Env VANTAGE_BATCH: compute waiting requests as one where all inputs and outputs have an open first"
                            + " dimension: at most max rows, waiting at most delay (such as 500us or 2ms; default 0) for others, at once"
                            + " with a preferred size. Such as minilm=32:2ms:8+16. Repeatable or with commas. Default: off")
    private List<String> batches = new ArrayList<>();

    /**
     * @param waiting requests per model that may wait
     * @param file its models' own settings win
     * @throws IllegalArgumentException naming the option and what belongs there
     */
    LaneLimits limits(int waiting, Optional<WorkstationConfig> file) {
        Map<String, String> parallel = byModel("--instances", instances);
        Map<String, String> batching = byModel("--batch", batches);
        QueueLimits otherwise = limits(waiting, "", parallel, batching);
        Set<String> names = new HashSet<>(parallel.keySet());
        names.addAll(batching.keySet());
        file.ifPresent(config -> config.models().forEach(wish -> names.add(wish.name())));
        Map<String, QueueLimits> named = new HashMap<>();
        for (String name : names) {
            if (!name.isEmpty()) {
                named.put(name, limits(waiting, name, parallel, batching));
            }
        }
        file.ifPresent(config -> config.models()
                .forEach(wish -> named.computeIfPresent(
                        wish.name(), (_, limits) -> wish.lane().over(limits))));
        return new LaneLimits(otherwise, named);
    }

    private static QueueLimits limits(
            int waiting, String model, Map<String, String> parallel, Map<String, String> batching) {
        String instances = parallel.getOrDefault(model, parallel.getOrDefault("", "1"));
        Optional<String> batch = Optional.ofNullable(batching.getOrDefault(model, batching.get("")));
        if (!instances.matches("\\d{1,4}")) {
            throw new IllegalArgumentException(
                    "--instances: \"" + instances + "\" is no number; write 2, or retina-seg=2 for one model");
        }
        try {
            return new QueueLimits(waiting, Integer.parseInt(instances), batch.map(LaneArguments::batching));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--queue, --instances, --batch" + (model.isEmpty() ? "" : " of " + model) + ": " + e.getMessage(),
                    e);
        }
    }

    /** Values by model; under the empty name that for all others. */
    private static Map<String, String> byModel(String option, List<String> texts) {
        Map<String, String> values = new HashMap<>();
        for (String text : texts) {
            if (!text.isBlank()) {
                int equals = text.lastIndexOf('=');
                String model = text.substring(0, Math.max(0, equals)).strip();
                if (values.put(model, text.substring(equals + 1).strip()) != null) {
                    throw new IllegalArgumentException(
                            option + ": two values for " + (model.isEmpty() ? "all models" : "model " + model));
                }
            }
        }
        return values;
    }

    private static Batching batching(String text) {
        Matcher matcher = BATCH.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no batching; write 16, 16:2ms or 16:2ms:4+8");
        }
        List<Integer> preferred = matcher.group(4) == null
                ? List.of()
                : Arrays.stream(matcher.group(4).split("\\+"))
                        .map(Integer::valueOf)
                        .toList();
        return new Batching(Integer.parseInt(matcher.group(1)), preferred, delay(matcher));
    }

    private static Duration delay(Matcher matcher) {
        if (matcher.group(2) == null) {
            return Duration.ZERO;
        }
        long count = Long.parseLong(matcher.group(2));
        return matcher.group(3).equals("us") ? Duration.ofNanos(count * 1000) : Duration.ofMillis(count);
    }
}
