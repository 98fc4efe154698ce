package health.vantage.models.runner.backend;

import health.vantage.models.runner.backend.Availability.Available;
import health.vantage.models.runner.backend.Availability.Unavailable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** The backends of this process, each probed once. */
public final class Backends {
    private final Map<Backend, Availability> probed = new LinkedHashMap<>();

    public Backends(Iterable<Backend> backends) {
        backends.forEach(backend -> probed.put(backend, backend.probe()));
    }

    public static Backends discover() {
        return discover(List.of());
    }

    /** @param first go before those that are found */
    public static Backends discover(List<Backend> first) {
        List<Backend> all = new ArrayList<>(first);
        ServiceLoader.load(Backend.class).forEach(all::add);
        return new Backends(all);
    }

    /** What was found, in order of preference. */
    public Map<Backend, Availability> probed() {
        return Collections.unmodifiableMap(probed);
    }

    /**
     * The first available backend for a format.
     *
     * @throws BackendException naming what could run, or why those that could are unavailable
     */
    public Backend forFormat(String format) throws BackendException {
        String wanted = format.toLowerCase(Locale.ROOT);
        List<Map.Entry<Backend, Availability>> fitting = probed.entrySet().stream()
                .filter(entry -> entry.getKey().formats().contains(wanted))
                .toList();
        if (fitting.isEmpty()) {
            TreeSet<String> known = new TreeSet<>();
            probed.keySet().forEach(backend -> known.addAll(backend.formats()));
            throw new BackendException("no backend of this runner loads format \"" + format + "\"; it loads " + known);
        }
        StringBuilder why = new StringBuilder();
        for (Map.Entry<Backend, Availability> entry : fitting) {
            switch (entry.getValue()) {
                case Available _ -> {
                    return entry.getKey();
                }
                case Unavailable(String reason) ->
                    why.append("; ")
                            .append(entry.getKey().name())
                            .append(" is unavailable: ")
                            .append(reason);
            }
        }
        throw new BackendException("nothing on this node runs format \"" + format + "\"" + why);
    }
}
