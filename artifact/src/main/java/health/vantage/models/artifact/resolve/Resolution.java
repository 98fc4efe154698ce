package health.vantage.models.artifact.resolve;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One version, an artifact for every variant asked for.
 *
 * @param version the version all of them agree on, such as {@code 2.4.1}
 * @param why sentences for people: what led here, and what newer was passed over
 */
public record Resolution(String version, SortedMap<String, ResolvedArtifact> byVariant, List<String> why) {
    public Resolution {
        why = List.copyOf(why);
        byVariant = Collections.unmodifiableSortedMap(new TreeMap<>(byVariant));
    }
}
