package health.vantage.models.runner.shm;

import health.vantage.models.runner.serve.Caller;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedMemoryException.Kind;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The regions that clients have registered, by the names they gave. A client that showed who it is has names of its own, which nobody else
 * sees; all that did not share theirs. Off unless there is a folder for them.
 */
public final class SharedRegions implements AutoCloseable {
    /** Of one client: each costs a file descriptor and a mapping. */
    private static final int MAX_REGIONS = 256;

    private static final int MAX_NAME = 255;

    private final Optional<RegionFolder> folder;
    private final boolean copy;
    private final Map<Key, SharedRegion> regions = new ConcurrentHashMap<>();

    private record Key(Optional<String> owner, String name) {
        static Key of(String name) {
            return new Key(Caller.current().identity(), name);
        }
    }

    private SharedRegions(Optional<RegionFolder> folder, boolean copy) {
        this.folder = folder;
        this.copy = copy;
    }

    /**
     * @param folder what keys are relative to; nothing outside is ever opened
     * @param copy whether tensors are copied from and to the clients' memory instead of computed in it: slower, and a client that
     *     cuts its file off during a run then spoils its own request only
     */
    public static SharedRegions below(Path folder, boolean copy) {
        return new SharedRegions(Optional.of(new RegionFolder(folder)), copy);
    }

    public static SharedRegions disabled() {
        return new SharedRegions(Optional.empty(), true);
    }

    public boolean enabled() {
        return folder.isPresent();
    }

    /** @param offset in the file, in bytes; @param size in bytes */
    public record Status(String name, String key, long offset, long size) {}

    /** Maps what {@code key} names and remembers it. */
    public void register(String name, String key, long offset, long size) throws SharedMemoryException {
        RegionFolder where = folder.orElseThrow(() -> new SharedMemoryException(
                Kind.DISABLED,
                "shared memory is switched off on this runner; its operator can allow it with --shared-memory"));
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new SharedMemoryException(
                    Kind.INVALID, "the name of a shared memory region has 1 to " + MAX_NAME + " characters");
        }
        Key mine = Key.of(name);
        if (regions.containsKey(mine)) {
            throw taken(name);
        }
        if (mine().size() >= MAX_REGIONS) {
            throw new SharedMemoryException(
                    Kind.TOO_MANY,
                    MAX_REGIONS + " shared memory regions are registered already; unregister some first");
        }
        SharedRegion region = SharedRegion.map(name, key, offset, size, where.open(key));
        if (regions.putIfAbsent(mine, region) != null) {
            region.release();
            throw taken(name);
        }
    }

    private static SharedMemoryException taken(String name) {
        return new SharedMemoryException(
                Kind.NAME_TAKEN, "shared memory region \"" + name + "\" is registered already; unregister it first");
    }

    /** Forgets a name, if it is known; requests that use the memory end first. */
    public void unregister(String name) {
        forget(Key.of(name));
    }

    /** Of this client. */
    public void unregisterAll() {
        mine().forEach(this::forget);
    }

    private List<Key> mine() {
        Optional<String> owner = Caller.current().identity();
        return regions.keySet().stream()
                .filter(key -> key.owner().equals(owner))
                .toList();
    }

    private void forget(Key key) {
        SharedRegion region = regions.remove(key);
        if (region != null) {
            region.release();
        }
    }

    public Optional<Status> status(String name) {
        return Optional.ofNullable(regions.get(Key.of(name))).map(SharedRegions::status);
    }

    /** Of this client. */
    public Collection<Status> statuses() {
        return mine().stream().flatMap(key -> status(key.name()).stream()).toList();
    }

    private static Status status(SharedRegion region) {
        return new Status(region.name(), region.key(), region.offset(), region.size());
    }

    /**
     * The part of a region that one tensor takes, held for the caller, who must close it.
     *
     * @throws Refusal when there is no such region, it ends before, or its file has become too small for it
     */
    public SharedSlice slice(String name, long offset, long size) {
        SharedRegion region = regions.get(Key.of(name));
        if (region == null || !region.tryHold()) {
            throw new Refusal(
                    Refusal.Kind.UNKNOWN_REGION,
                    "no shared memory region \"" + name + "\" is registered on this runner; a restart forgets them");
        }
        try {
            if (offset < 0 || size < 0 || offset > region.size() || size > region.size() - offset) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "shared memory region \"" + name + "\" has " + region.size() + " bytes, " + size + " from "
                                + offset + " were asked for");
            }
            if (size > Integer.MAX_VALUE) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "shared memory region \"" + name + "\": one tensor has at most 2 GiB, not " + size + " bytes");
            }
            if (!region.isWhole()) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "shared memory region \"" + name + "\": its file \"" + region.key()
                                + "\" was made smaller since it was registered; unregister it and register it anew");
            }
            return new SharedSlice(region, offset, size, copy);
        } catch (Refusal refusal) {
            region.release();
            throw refusal;
        }
    }

    @Override
    public void close() {
        List.copyOf(regions.keySet()).forEach(this::forget);
    }
}
