package health.vantage.models.runner.load;

import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.tensor.TensorPool;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices what models take while they serve beyond what they took when they were loaded: a leak, or inputs larger than the one they were
 * tried with. Looks at what native code of this process has allocated, without tensors and gRPC's buffers, and adds what is more than at the
 * last look to those that ran since, by how often each did. With one model that is exact; with several, who runs when others rest stands out.
 *
 * <p>Not of models in processes of their own, which are read as they are, and not of a GPU's memory, where the growth of other programs
 * cannot be told from a model's.
 */
public final class MemoryWatch {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryWatch.class);

    private static final long MIB = 1L << 20;
    /** Compilers, threads and connections allocate a little: below this, growth is theirs. */
    private static final double NOISE_MIB = 16;

    private final Supplier<List<ServedVersion>> loaded;
    private final LongSupplier loads;
    private final Supplier<Optional<Long>> nativeMiB;
    private Map<ServedVersion, Since> watched = new IdentityHashMap<>();
    private long loadsBefore;
    private long before;

    /** @param requests at the last look; @param grownMiB since it was loaded */
    private record Since(long requests, double grownMiB) {}

    /**
     * @param loaded every version in this process, serving or staged
     * @param loads changes with every load that begins or ends
     * @param nativeMiB what native code has allocated, without tensors; empty where it cannot be read
     */
    MemoryWatch(Supplier<List<ServedVersion>> loaded, LongSupplier loads, Supplier<Optional<Long>> nativeMiB) {
        this.loaded = loaded;
        this.loads = loads;
        this.nativeMiB = nativeMiB;
    }

    public static MemoryWatch of(Supplier<List<ServedVersion>> loaded, VersionLoader loader, TensorPool pool) {
        return new MemoryWatch(
                loaded, loader::moves, () -> NativeMemory.bytes(pool).map(bytes -> bytes / MIB));
    }

    /** One look; the first, and one after a version came or went, only takes a mark. */
    public synchronized void look() {
        Optional<Long> reading = nativeMiB.get();
        if (reading.isEmpty()) {
            return;
        }
        List<ServedVersion> versions =
                loaded.get().stream().filter(version -> !version.ownProcess()).toList();
        long moves = loads.getAsLong();
        boolean same = moves == loadsBefore
                && versions.size() == watched.size()
                && versions.stream().allMatch(watched::containsKey);
        double grown = same ? reading.get() - before : 0;
        note(versions, grown);
        loadsBefore = moves;
        before = reading.get();
    }

    private void note(List<ServedVersion> versions, double grownMiB) {
        long ran = versions.stream().mapToLong(this::runs).sum();
        double all = watched.values().stream().mapToDouble(Since::grownMiB).sum();
        Map<ServedVersion, Since> next = new IdentityHashMap<>();
        for (ServedVersion version : versions) {
            double had = watched.containsKey(version) ? watched.get(version).grownMiB() : 0;
            double share = 0;
            if (grownMiB > 0 && ran > 0) {
                share = grownMiB * runs(version) / ran;
            } else if (grownMiB < 0 && all > 0) {
                // Whose it was that came back is not known: of everybody's.
                share = grownMiB * had / all;
            }
            double has = Math.max(0, had + share);
            next.put(version, new Since(version.counters().read().requests(), has));
            tell(version, has < NOISE_MIB ? 0 : Math.round(has));
        }
        watched = next;
    }

    private long runs(ServedVersion version) {
        Since since = watched.get(version);
        // Counters begin anew when a version becomes active.
        return since == null ? 0 : Math.max(0, version.counters().read().requests() - since.requests());
    }

    private static void tell(ServedVersion version, long grownMiB) {
        boolean known = version.memory().excess().isPresent();
        version.grown(grownMiB);
        if (!known) {
            version.memory()
                    .excess()
                    .ifPresent(excess ->
                            LOG.warn("model {}: {}; {} MiB of it came while it served", version, excess, grownMiB));
        }
    }
}
