package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Decides which models go. Knows no disk. */
final class Eviction {
    private Eviction() {}

    /** @param layers each with its bytes on the disk; several models may have the same */
    record Held(Digest model, Instant lastUsed, Map<Digest, Long> layers) {}

    /**
     * @param keep never goes, however full the cache is
     * @return what goes, the least recently used first
     */
    static Set<Digest> of(List<Held> models, Set<Digest> keep, Watermarks marks) {
        Map<Digest, Integer> users = new HashMap<>();
        Map<Digest, Long> sizes = new HashMap<>();
        for (Held held : models) {
            held.layers().forEach((layer, bytes) -> {
                users.merge(layer, 1, Integer::sum);
                sizes.put(layer, bytes);
            });
        }
        long used = sizes.values().stream().mapToLong(Long::longValue).sum();
        List<Held> spare = models.stream()
                .filter(held -> !keep.contains(held.model()))
                .sorted(Comparator.comparing(Held::lastUsed)
                        .thenComparing(held -> held.model().toString()))
                .toList();
        Set<Digest> gone = new LinkedHashSet<>();
        boolean all = marks.highBytes() == 0;
        if (!all && used <= marks.highBytes()) {
            return gone;
        }
        for (Held held : spare) {
            if (!all && used <= marks.lowBytes()) {
                break;
            }
            gone.add(held.model());
            for (Digest layer : held.layers().keySet()) {
                // A shared layer makes room only with the last of its models.
                if (users.merge(layer, -1, Integer::sum) == 0) {
                    used -= sizes.get(layer);
                }
            }
        }
        return gone;
    }
}
