package health.vantage.models.artifact.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Which hosts did not answer a moment ago: they are asked last for a while. Without that, a clinic whose way to the
 * registry is cut would wait for a timeout at every question that its mirror can answer.
 */
final class Outages {
    private static final Duration LAST_AT_LEAST = Duration.ofSeconds(30);

    private final InstantSource clock;
    private final Map<String, Instant> until = new ConcurrentHashMap<>();

    Outages(InstantSource clock) {
        this.clock = clock;
    }

    void begins(Repository place) {
        until.put(host(place), clock.instant().plus(LAST_AT_LEAST));
    }

    void over(Repository place) {
        until.remove(host(place));
    }

    boolean isOut(Repository place) {
        Instant end = until.get(host(place));
        return end != null && clock.instant().isBefore(end);
    }

    /** The same places; those that are out come last. */
    List<Repository> reachableFirst(List<Repository> places) {
        return Stream.concat(
                        places.stream().filter(place -> !isOut(place)),
                        places.stream().filter(this::isOut))
                .toList();
    }

    private static String host(Repository place) {
        return place.reference().registry().orElse("");
    }
}
